package import Logging
package import NIOCore
import NIOPosix
import NIOSSL
import Sessions
import SigV4
package import Timeline

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// A running broker: one core on one event loop, and its doors.
///
/// Async code reaches the core by `submit` and gets values back.
package final class Broker: Sendable {
    /// Where a door listens, as bound.
    package struct Address: Sendable {
        package let name: String
        package let host: String
        package let port: Int
        /// How the door behaves.
        package let profile: ServiceProfile
    }

    private let group: MultiThreadedEventLoopGroup
    /// The loop of the core.
    package let loop: any EventLoop
    private let core: NIOLoopBound<BrokerCore>
    private let channels: [any Channel]
    private let keeper: (any StateKeeper)?
    package let clock: BrokerClock
    /// The doors, in the order configured.
    package let addresses: [Address]

    private init(
        group: MultiThreadedEventLoopGroup, loop: any EventLoop, core: NIOLoopBound<BrokerCore>, clock: BrokerClock,
        channels: [any Channel], keeper: (any StateKeeper)?, addresses: [Address]
    ) {
        self.group = group
        self.loop = loop
        self.core = core
        self.clock = clock
        self.channels = channels
        self.keeper = keeper
        self.addresses = addresses
    }

    /// Takes back what was kept and plants the seeds, then opens every door; if one fails, those that were opened are closed again.
    ///
    /// - Parameters:
    ///   - keeper: where state outlives the process; `nil` keeps it in memory. Closed by ``stop()``, not when the start fails.
    ///   - fallback: sets up what serves HTTP requests that do not upgrade.
    package static func start(
        _ configuration: BrokerConfiguration, logger: Logger, keeper: (any StateKeeper)? = nil, fallback: @escaping HTTPFallback
    ) async throws -> Broker {
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let loop = group.next()
        do {
            let tls = try Self.tlsContext(configuration)
            let time = ServiceTime(configuration.clock.kind, start: configuration.clock.start)
            let present = time.present
            let image = try keeper?.load(ClockReading(now: present.now, wall: present.wall))
            let (core, clock) = try await loop.submit {
                let clock = ServiceClock(configuration.clock, time: time, loop: loop)
                let core = Self.makeCore(configuration, logger: logger, keeper: keeper, clock: clock, loop: loop)
                if let image { try core.restore(image) }
                core.plant(configuration.seeds)
                return (NIOLoopBound(core, eventLoop: loop), NIOLoopBound(clock, eventLoop: loop))
            }.get()
            var channels: [any Channel] = []
            var addresses: [Address] = []
            for listener in configuration.listeners {
                let opener = DoorOpener(listener: listener, core: core, loop: loop, tls: listener.usesTLS ? tls : nil, fallback: fallback)
                do {
                    let opened = try await opener.open(logger: logger)
                    channels += opened.channels
                    addresses.append(Address(name: listener.name, host: listener.hosts[0], port: opened.port, profile: listener.profile))
                } catch {
                    for channel in channels { try? await channel.close() }
                    throw error
                }
            }
            return Broker(
                group: group, loop: loop, core: core, clock: BrokerClock(clock, loop: loop), channels: channels, keeper: keeper,
                addresses: addresses)
        } catch {
            try? await group.shutdownGracefully()
            throw error
        }
    }

    /// The door that listens at this port; without sockets, a door like AWS's.
    package func door(atPort port: Int?) -> Door {
        let address = self.addresses.first { $0.port == port }
        return Door(name: address?.name ?? "http", profile: address?.profile ?? .aws)
    }

    /// Runs `body` with the core, on its loop.
    package func submit<Value: Sendable>(_ body: @escaping @Sendable (BrokerCore) throws -> Value) async throws -> Value {
        let core = self.core
        return try await self.loop.submit { try body(core.value) }.get()
    }

    /// Asks the core something that may have to wait for the journal.
    ///
    /// - Parameter body: runs on the core's loop and calls its second argument once, there, now or later.
    package func ask<Value: Sendable>(
        _ body: @escaping @Sendable (BrokerCore, _ answer: @escaping (Value) -> Void) throws -> Void
    ) async throws -> Value {
        let core = self.core
        if self.loop.inEventLoop {
            // Most answers come at once; a task of this loop then goes on without waiting for its next turn.
            let answer = LoopAnswer<Value>()
            try body(core.value) { answer.give($0) }
            return await answer.value()
        }
        return try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Value, any Error>) in
            self.loop.execute {
                do {
                    try body(core.value) { continuation.resume(returning: $0) }
                } catch {
                    continuation.resume(throwing: error)
                }
            }
        }
    }

    /// Says goodbye to every client and closes the doors.
    package func stop() async {
        // Clients first: while they flood, whatever is asked of the loop waits behind their work.
        await self.dismissClients()
        for channel in self.channels { try? await channel.close() }
        await self.dismissClients()
        // What is promised is kept; a journal that cannot write has said so and is not waited for.
        try? await self.ask { core, answer in core.whenSafe({ answer(()) }, orFailed: { answer(()) }) }
        self.keeper?.close()
        try? await self.group.shutdownGracefully()
    }

    /// Says goodbye to every client that is connected and answers whoever waits for the clock; the doors stay open.
    package func dismissClients() async {
        await self.clock.stop()
        try? await self.submit { core in
            core.shutDown()
            core.endTick()
        }
    }

    /// The monotonic clock of real brokers: the one NIO's timers use.
    package static func monotonicNow() -> Instant {
        Instant(nanoseconds: Int64(NIODeadline.now().uptimeNanoseconds))
    }

    /// The system's wall clock.
    package static func systemWallTime() -> WallTime {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return WallTime(nanosecondsSinceEpoch: Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec))
    }

    // MARK: Set-up

    private static func makeCore(
        _ configuration: BrokerConfiguration, logger: Logger, keeper: (any StateKeeper)?, clock: ServiceClock, loop: any EventLoop
    ) -> BrokerCore {
        let boundClock = NIOLoopBound(clock, eventLoop: loop)
        let journal = keeper?.makeJournal { report in
            loop.execute { boundClock.value.core?.journalReported(report) }
        }
        var random = SystemRandomNumberGenerator()
        let core = BrokerCore(
            shell: clock.makeShell { FreshID.uuid(using: &random) }, logger: logger, topicSeed: .random(in: 0 ... .max), journal: journal,
            shadowRules: configuration.shadowRules, historyLimits: configuration.historyLimits,
            networkKeepAlive: configuration.clock.virtualKeepAlive ? .service : .real,
            verifier: SigV4Verifier(
                credentials: configuration.credentials, policy: configuration.verification, hostPort: configuration.hostPort,
                region: configuration.region))
        clock.attach(core)
        return core
    }

    private static func tlsContext(_ configuration: BrokerConfiguration) throws -> NIOSSLContext? {
        guard let files = configuration.tls else { return nil }
        do {
            let chain = try NIOSSLCertificate.fromPEMFile(files.certificatePath).map { NIOSSLCertificateSource.certificate($0) }
            let key = try NIOSSLPrivateKey(file: files.keyPath, format: .pem)
            var tls = TLSConfiguration.makeServerConfiguration(certificateChain: chain, privateKey: .privateKey(key))
            tls.minimumTLSVersion = .tlsv12
            return try NIOSSLContext(configuration: tls)
        } catch {
            throw ListenError(
                "TLS cannot start with certificate \(files.certificatePath) and key \(files.keyPath): \(error); give PEM files that belong together"
            )
        }
    }
}
