import ArgumentParser
import Broker
import Certificates
import ControlPlane
import Glibc
import Logging
import Persistence
import Shadows
import SigV4
import Timeline

/// `sundial serve`: opens the doors and stays until it is asked to stop.
struct ServeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve", abstract: "Open the doors and stay until Ctrl-C.",
        discussion: """
            Four doors on this machine: mqtt (any MQTT client, no questions asked), mqtts (AWS IoT's rules over TLS), and http and \
            https with MQTT over WebSocket at /mqtt for signed URLs. When every door is open, 'ready' is the last line printed.

            Examples:
              sundial serve
              sundial serve --https-port 443 --host-alias iot.example.test
              sundial serve --mqtt-port 0 --mqtts-port 0 --http-port 0 --https-port 0 --ports-file ports.json
              sundial serve --no-mqtt --no-mqtts --credentials ~/.aws/credentials --region eu-west-1
              sundial serve --verify lenient --log-level debug
              sundial serve --state memory --seed-shadows shadows.json
              sundial serve --clock virtual --clock-start 2026-01-02T03:04:05Z
              sundial serve --quotas enforce --quota publish-rate=warn --quota shadow-rate=enforce:5
            """)

    @OptionGroup(title: "Doors") var doors: DoorOptions
    @OptionGroup(title: "Signatures") var signatures: VerificationOptions
    @OptionGroup(title: "Certificates") var certificates: CertificateOptions

    @OptionGroup(title: "State") var state: StateOptions

    @OptionGroup(title: "Time") var time: ClockOptions

    @OptionGroup(title: "Quotas") var quotas: QuotaOptions

    @Option(
        help: ArgumentHelp("What is logged to standard error: trace, debug, info, notice, warning, error or critical.", valueName: "level"))
    var logLevel = LogLevel.info

    func run() async throws {
        let signals = StopSignals()
        // A second signal, while stopping, is still heard.
        defer { withExtendedLifetime(signals) {} }
        let startedAt = Broker.systemWallTime()
        let logger = self.makeLogger()
        let seeds = try self.state.readSeeds()
        let tls = try self.certificates.prepare(for: self.doors, now: startedAt)
        let listeners = self.quotas.applied(to: self.doors.listeners())
        let keys = try self.signatures.readKeys()
        var configuration = BrokerConfiguration(
            listeners: listeners, tls: tls?.files, credentials: CredentialSet(keys.all), verification: self.signatures.verify,
            hostPort: self.signatures.hostPort)
        configuration.region = self.signatures.region
        configuration.historyLimits = self.state.historyLimits
        configuration.seeds = seeds
        configuration.clock = self.time.configuration
        let portsFile = self.doors.portsFile.map { PortsFile(path: $0) }
        try portsFile?.clear()

        let keeper = try self.state.open()
        let token = self.doors.isBeyondLoopback ? BearerToken.fresh() : nil
        let plane = ControlPlane(
            ControlPlaneSettings(
                version: Version.number, startedAt: startedAt, hostNames: self.certificates.hostAlias + self.doors.bind, bearerToken: token),
            logger: logger)
        let broker: Broker
        do {
            broker = try await Broker.start(configuration, logger: logger, keeper: keeper, fallback: plane.fallback)
        } catch {
            keeper?.close()
            throw self.complaint(about: error)
        }
        plane.attach(broker)
        for address in broker.addresses {
            logger.info("door open", metadata: ["door": "\(address.name)", "address": "\(address.host)", "port": "\(address.port)"])
        }
        do {
            try portsFile?.write(broker.addresses, authorityPath: tls?.authorityPath)
        } catch {
            await plane.stop()
            await broker.stop()
            throw error
        }
        let announcement = Announcement(
            addresses: broker.addresses, tls: tls, credentials: keys.shown, region: self.signatures.region,
            signCommand: self.signCommand(broker),
            bearerToken: token, now: try await broker.submit { $0.signatureTime }, clock: try await broker.clock.state())
        StandardStream.output.write(announcement.text)
        let number = await signals.first()
        logger.info("stopping", metadata: ["signal": "\(number == SIGINT ? "SIGINT" : "SIGTERM")"])
        await broker.dismissClients()
        await plane.stop()
        await broker.stop()
        portsFile?.remove()
    }

    /// Why the broker did not start.
    private func complaint(about error: any Error) -> Complaint {
        switch error {
        case let problem as StateProblem: Complaint(problem.text)
        case let error as ShadowRestoreError: Complaint(StateProblem.damagedFile(self.state.state, error.text).text)
        default: Complaint("\(error)")
        }
    }

    private func makeLogger() -> Logger {
        var logger = Logger(label: "sundial") { OneLineLogHandler(StreamLogHandler.standardError(label: $0)) }
        logger.logLevel = self.logLevel.level
        return logger
    }

    /// The `sundial sign` that makes another URL like the one printed.
    private func signCommand(_ broker: Broker) -> String {
        var words = ["sundial", "sign"]
        if let path = self.doors.portsFile {
            words += ["--ports-file", path]
        } else if let port = broker.addresses.first(where: { $0.name == "https" })?.port {
            if port != 8443 { words += ["--port", "\(port)"] }
        } else if let port = broker.addresses.first(where: { $0.name == "http" })?.port {
            words += ["--scheme", "ws"] + (port == 8080 ? [] : ["--port", "\(port)"])
        }
        if let path = self.signatures.credentials { words += ["--credentials", path] }
        if let region = self.signatures.region { words += ["--region", region] }
        return words.map(ShellWord.quoted).joined(separator: " ")
    }
}
