import Broker
import ControlPlane
import NIOCore
import SigV4
import Timeline

/// Starts a Sundial in the process, lends it to `body`, and stops it however `body` ends.
///
/// ```swift
/// try await withSundial { kit in
///     let lamp = kit.shadow("lamp")
///     try await lamp.desire(["on": true])
///     try await lamp.expectDelta(["on": true])
/// }
/// ```
///
/// It is a real broker with real doors on free ports of the loopback address; its state is in memory, and it reads neither files nor the
/// environment. Any number may run at the same time. Everything throws errors that say what happened, so it works the same in
/// swift-testing, in XCTest and in none.
///
/// - Throws: what `body` throws, or ``SundialFailure`` when no door could be opened.
public func withSundial<Value>(
    _ options: Sundial.Options = .init(), isolation: isolated (any Actor)? = #isolation, _ body: (Sundial) async throws -> Value
) async throws -> Value {
    let kit = try await Sundial.start(options)
    do {
        let value = try await body(kit)
        await kit.stop()
        return value
    } catch {
        await kit.stop()
        throw error
    }
}

extension Sundial {
    /// Starts one that the caller stops: for the `setUp` of a test class. ``withSundial(_:isolation:_:)`` stops by itself.
    ///
    /// - Throws: ``SundialFailure``
    public static func start(_ options: Options = .init()) async throws -> Sundial {
        let log = EventLog(limit: options.recordLimit)
        let logger = log.logger
        let plane = ControlPlane(
            ControlPlaneSettings(version: "in a test", startedAt: Broker.systemWallTime()), logger: logger)
        let broker: Broker
        do {
            broker = try await Broker.start(try options.configuration, logger: logger, fallback: plane.fallback)
        } catch let failure as SundialFailure {
            throw failure
        } catch {
            throw SundialFailure("the kit could not start: \(error)")
        }
        plane.attach(broker)
        do {
            let desk = try await broker.submit { core in
                NIOLoopBound(Desk(core: core, loop: broker.loop, options: options), eventLoop: broker.loop)
            }
            return Sundial(options, broker: broker, plane: plane, desk: desk, log: log)
        } catch {
            await plane.stop()
            await broker.stop()
            throw SundialFailure("the kit could not start: \(error)")
        }
    }

    /// Says goodbye to every client and closes the doors. Nothing of the kit is left then; once is enough, more often does no harm.
    public func stop() async {
        guard self.entrance.close() else { return }
        let desk = self.desk
        try? await self.broker.submit { _ in desk.value.leave() }
        await self.broker.dismissClients()
        await self.plane.stop()
        await self.entrance.emptied()
        await self.broker.stop()
    }
}

extension Sundial.Options {
    /// 2026-01-01T00:00:00Z.
    private static let virtualStart = WallTime(secondsSinceEpoch: 1_767_225_600)

    fileprivate var configuration: BrokerConfiguration {
        get throws {
            let keys = self.keys.map { Credentials(accessKeyID: $0.id, secretAccessKey: $0.secret, sessionToken: $0.token) }
            var configuration = BrokerConfiguration(
                listeners: [self.listener("mqtt", .mqtt), self.listener("http", .http)], credentials: CredentialSet(keys),
                region: self.region)
            configuration.clock.kind = try self.clock.kind
            if self.clock == .virtual { configuration.clock.start = Self.virtualStart }
            return configuration
        }
    }

    /// A door on a free port that only this machine reaches.
    private func listener(_ name: String, _ speaks: BrokerConfiguration.Listener.Speaks) -> BrokerConfiguration.Listener {
        .init(name: name, speaks: speaks, usesTLS: false, hosts: ["127.0.0.1"], port: 0, profile: self.rules.profile)
    }
}

extension Sundial.Options.Clock {
    var kind: ClockKind {
        get throws {
            switch self {
            case .virtual: return .virtual(auto: false)
            case .real: return .real
            case .scaled(let factor):
                guard let factor = TimeFactor("\(factor)") else {
                    throw SundialFailure("a clock cannot run \(factor) times as fast as real time; 0.001 to 1000000, in steps of 0.001")
                }
                return .scaled(factor)
            }
        }
    }

    /// How long a time of this clock takes outside; a virtual one's is taken as it is.
    func real(_ duration: Duration) -> Duration {
        switch self {
        case .virtual, .real: duration
        case .scaled(let factor): duration / factor
        }
    }
}

extension ServiceRules {
    var profile: ServiceProfile {
        switch self {
        case .aws: .aws
        case .plain: .plain
        }
    }
}
