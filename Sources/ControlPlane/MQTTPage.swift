import Broker
import HTTPTypes
import Hummingbird
import SigV4

/// `GET /mqtt` without an upgrade: says whether the signature is good, since a browser shows a page nothing of a failed upgrade.
///
/// 403 with the explanation, or 426; CORS lets any page read both.
struct MQTTPage: Sendable {
    let broker: Broker

    func answer(to request: Request, context: DoorContext) async throws -> Response {
        let target = request.head.path ?? "/mqtt"
        if !target.contains("?"), request.headers[.authorization] == nil, Self.isVisit(request) { return Self.visit() }
        let signed = SignedRequest(
            method: "GET", target: target, headers: Self.headers(of: request, target: target), localPort: context.localPort)
        let peer = context.peer
        let door = self.broker.door(atPort: context.localPort).name
        switch try await self.broker.submit({ core in Self.verify(signed, core: core, door: door, peer: peer) }) {
        case .accepted(let keyID, let notes):
            var text = "The signature is valid (access key \(keyID)).\n"
            for note in notes { text += "But: \(note)\n" }
            return Self.upgradeRequired(
                text + "This address speaks MQTT over WebSocket: give the same URL, with ws:// or wss://, to an MQTT client.\n")
        case .notChecked:
            return Self.upgradeRequired(
                "Signatures are not checked here (--verify off).\nThis address speaks MQTT over WebSocket: give it, with ws:// or wss://, to an MQTT client.\n"
            )
        case .refused(let refusal):
            return .refusal(refusal, traceID: TraceID.fresh())
        }
    }

    private static func verify(_ request: SignedRequest, core: BrokerCore, door: String, peer: String) -> Verdict {
        let verdict = core.verify(request)
        if case .refused(let refusal) = verdict { core.log(refusal, door: door, peer: peer) }
        return verdict
    }

    /// The fields as sent. A URL that signs `connection` (the AWS CRT's do) is judged as its upgrade would be.
    private static func headers(of request: Request, target: String) -> [(name: String, value: String)] {
        var headers: [(name: String, value: String)] = [(name: "host", value: request.head.authority ?? "")]
        let signsConnection = target.lowercased().contains("x-amz-signedheaders=connection")
        for field in request.headers where !(signsConnection && field.name == .connection) {
            headers.append((name: field.name.rawName, value: field.value))
        }
        if signsConnection { headers.append((name: "connection", value: "Upgrade")) }
        return headers
    }

    private static func upgradeRequired(_ text: String) -> Response {
        var response = Response.text(.upgradeRequired, text)
        response.headers[.upgrade] = "websocket"
        response.headers[.connection] = "upgrade"
        return response
    }

    // MARK: A person

    /// Whether somebody opened the address in a browser, and no program asked.
    private static func isVisit(_ request: Request) -> Bool {
        request.headers[.accept]?.contains("text/html") == true
    }

    private static func visit() -> Response {
        Self.upgradeRequired(
            """
            This is Sundial's MQTT endpoint. It speaks MQTT over WebSocket, so a browser cannot show it.

            Give an MQTT client a signed URL of this address; this prints one:

                sundial sign

            A signed URL opened here, in place of this page, is checked and the fault explained.

            """)
    }
}
