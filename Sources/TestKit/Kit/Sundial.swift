import Broker
import ControlPlane
import NIOCore
import SigV4
import Synchronization
import Timeline

/// A Sundial that runs in the process of a test, as ``withSundial(_:isolation:_:)`` lends it.
///
/// Safe to use from any task.
public final class Sundial: Sendable {
    let options: Options
    let broker: Broker
    let plane: ControlPlane
    let desk: NIOLoopBound<Desk>
    let log: EventLog
    let entrance = Entrance()
    private let hasShownAddresses = Atomic(false)
    private let runs = Atomic(0)

    init(_ options: Options, broker: Broker, plane: ControlPlane, desk: NIOLoopBound<Desk>, log: EventLog) {
        self.options = options
        self.broker = broker
        self.plane = plane
        self.desk = desk
        self.log = log
    }

    // MARK: Addresses

    /// The port that speaks MQTT over TCP.
    public var port: Int { self.port(of: "mqtt") }

    /// The port that speaks HTTP.
    public var httpPort: Int { self.port(of: "http") }

    /// `mqtt://127.0.0.1:PORT`, for any MQTT client; it asks for no credentials.
    public var mqttURL: String { "mqtt://127.0.0.1:\(self.port)" }

    /// `http://127.0.0.1:PORT`: the REST data plane, an `endpoint_url` for SDKs, and the control API under `/_sundial/`.
    public var httpURL: String { "http://127.0.0.1:\(self.httpPort)" }

    /// `ws://127.0.0.1:PORT/mqtt?X-Amz-…`: MQTT over WebSocket, signed now with the first of the kit's keys and good for five minutes.
    ///
    /// A client that signs by itself is given `ws://127.0.0.1:PORT/mqtt`, with ``httpPort``.
    public var websocketURL: String {
        let key = self.options.keys.first ?? .test
        return Presigner.presign(
            SignedEndpoint(scheme: .ws, host: "127.0.0.1", port: self.httpPort),
            credentials: Credentials(accessKeyID: key.id, secretAccessKey: key.secret, sessionToken: key.token),
            region: self.options.region ?? "us-east-1", date: Broker.systemWallTime())
    }

    private func port(of door: String) -> Int {
        self.hasShownAddresses.store(true, ordering: .relaxed)
        return self.broker.addresses.first { $0.name == door }?.port ?? 0
    }

    /// Whether clients may come from outside, which live in real time.
    var mayHaveGuests: Bool { self.hasShownAddresses.load(ordering: .relaxed) }

    // MARK: What passed

    /// The latest messages that entered the broker, from clients and from the service, oldest first.
    public var messages: [Message] {
        get async { (try? await self.onDesk { $0.inside.messages }) ?? [] }
    }

    /// The latest of what the broker said: who was refused and why, who left, which shadow request was rejected; oldest first.
    public var events: [Event] { self.log.events }

    // MARK: The core

    /// Runs `body` where the core is, and lets everything it set off happen.
    func onDesk<Value: Sendable>(_ body: @escaping @Sendable (Desk) throws -> Value) async throws -> Value {
        let desk = self.desk
        return try await self.entrance.pass {
            try await self.broker.submit { _ in
                defer { desk.value.settle() }
                return try body(desk.value)
            }
        }
    }

    /// Asks the desk something that it answers now or later.
    ///
    /// - Parameters:
    ///   - ask: calls its second argument once.
    ///   - giveUp: makes it answer soon, when the task is cancelled.
    func awaitDesk(
        _ ask: @escaping @Sendable (Desk, _ answer: @escaping () -> Void) -> Void, giveUp: @escaping @Sendable (Desk) -> Void
    ) async throws {
        let desk = self.desk
        try await self.entrance.pass {
            try await withTaskCancellationHandler {
                try await self.broker.ask { (_, answer: @escaping (()) -> Void) in ask(desk.value) { answer(()) } }
            } onCancel: {
                self.broker.loop.execute { giveUp(desk.value) }
            }
            try Task.checkCancellation()
        }
    }

    /// The same for the same run of each kit, so that reports repeat.
    func nextRunID() -> String {
        "run-\(self.runs.add(1, ordering: .relaxed).newValue)"
    }
}
