import Broker
import HTTPTypes
import Hummingbird
import JSON
import Sessions
import Timeline

/// GetConnection, DeleteConnection, ListSubscriptions. Source: `mqtt.md` §13.
extension ServiceRequest {
    func getConnection(of text: String, _ core: BrokerCore) throws(ServiceError) -> Response {
        let client = try Self.clientID(text)
        let showsAddresses = try self.query.boolean("includeSocketInformation") ?? false
        guard let info = core.connectionInfo(of: client) else { throw Self.unknown(client) }
        var answer: JSONObject = ["clientId": .string(client.text)]
        switch info.state {
        case .connected(let facts):
            answer["connected"] = true
            answer["connectedSince"] = JSONValue(facts.connectedAt.millisecondsSinceEpoch)
            Self.add(facts, to: &answer, showsAddresses: showsAddresses)
        case .departed(let departure):
            answer["connected"] = false
            answer["disconnectedSince"] = JSONValue(departure.at.millisecondsSinceEpoch)
            answer["disconnectReason"] = .string(departure.cause.rawValue)
            Self.add(departure.facts, to: &answer, showsAddresses: showsAddresses)
        case .away(let since):
            answer["connected"] = false
            answer["disconnectedSince"] = since.map { JSONValue($0.millisecondsSinceEpoch) }
        }
        answer["cleanSession"] = .bool(info.isClean)
        answer["sessionExpiry"] = JSONValue(Int64(info.sessionExpirySeconds))
        return .document(.object(answer))
    }

    func deleteConnection(of text: String, _ core: BrokerCore) throws(ServiceError) -> Response {
        let client = try Self.clientID(text)
        let dropsSession = try self.query.boolean("cleanSession") ?? false
        let discardsWill = try self.query.boolean("preventWillMessage") ?? false
        guard core.deleteConnection(of: client, dropsSession: dropsSession, discardsWill: discardsWill) else { throw Self.unknown(client) }
        return Response(status: .ok, headers: [.contentLength: "0"])
    }

    func listSubscriptions(of text: String, _ core: BrokerCore) throws(ServiceError) -> Response {
        let client = try Self.clientID(text)
        let count = Int(try self.query.integer("maxResults", in: 1...200) ?? 20)
        let token = PageToken(list: "subscriptions of \(client.text)")
        guard let page = core.subscriptions(of: client, after: try token.key(in: self.query), count: count) else {
            throw Self.unknown(client)
        }
        let subscriptions = page.items.map { subscription -> JSONValue in
            ["topicFilter": .string(subscription.filter), "qos": Self.modelled(subscription.qos)]
        }
        var answer: JSONObject = ["subscriptions": .array(subscriptions)]
        answer["nextToken"] = page.last.map { .string(token.text(after: $0)) }
        return .document(.object(answer))
    }

    static func clientID(_ text: String) throws(ServiceError) -> ClientID {
        if text.isEmpty { throw .constraint(text, at: "clientId", "Member must have length greater than or equal to 1") }
        if text.utf8.count > 128 { throw .constraint(text, at: "clientId", "Member must have length less than or equal to 128") }
        if text.utf8.first == UInt8(ascii: "$") {
            throw .constraint(text, at: "clientId", "Member must satisfy regular expression pattern: ^[^$].*")
        }
        return ClientID(text)
    }

    private static func unknown(_ client: ClientID) -> ServiceError {
        ServiceError(.notFound, "Client not found", explanation: "no client with the id '\(client)' is connected or keeps a session")
    }

    private static func add(_ facts: ConnectionFacts, to answer: inout JSONObject, showsAddresses: Bool) {
        answer["keepAliveDuration"] = JSONValue(Int64(facts.keepAliveSeconds))
        guard showsAddresses else { return }
        Self.add(facts.peer, to: &answer, address: "sourceIp", port: "sourcePort")
        if let local = facts.local { Self.add(local, to: &answer, address: "targetIp", port: "targetPort") }
    }

    /// - Parameter text: an address, a colon and a port.
    private static func add(_ text: String, to answer: inout JSONObject, address: String, port: String) {
        guard let colon = text.lastIndex(of: ":"), let number = Int64(text[text.index(after: colon)...]) else { return }
        answer[address] = .string(String(text[..<colon]))
        answer[port] = JSONValue(number)
    }
}
