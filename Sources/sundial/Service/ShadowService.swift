import Broker
import JSON
import MQTTClient
import NIOHTTP1
import Shadows
import SigV4

/// The shadow operations of the REST API, signed. Source: `device-shadow.md` §12.
struct ShadowService: Sendable {
    let connection: ServiceConnection
    let credentials: Credentials
    let region: String

    func get(_ id: ShadowID) async throws(Complaint) -> JSONValue {
        try await self.ask(.GET, Self.path(of: id), about: id)
    }

    /// - Parameter document: as the service takes it.
    /// - Returns: the accepted document.
    func update(_ id: ShadowID, _ document: [UInt8]) async throws(Complaint) -> JSONValue {
        try await self.ask(.POST, Self.path(of: id), about: id, body: document)
    }

    func delete(_ id: ShadowID) async throws(Complaint) -> JSONValue {
        try await self.ask(.DELETE, Self.path(of: id), about: id)
    }

    /// The named shadows of a thing, of all pages.
    func list(_ thing: ThingName) async throws(Complaint) -> [String] {
        let path = "/api/things/shadow/ListNamedShadowsForThing/\(thing.text)?pageSize=100"
        var names: [String] = []
        var token: String?
        repeat {
            let page = try await self.ask(
                .GET, path + (token.map { "&nextToken=\($0)" } ?? ""), about: ShadowID(thing: thing))
            names += (page["results"]?.array ?? []).compactMap(\.string)
            token = page["nextToken"]?.string
        } while token != nil
        return names
    }

    private static func path(of id: ShadowID) -> String {
        // '$' is the one character of a name that queries encode.
        "/things/\(id.thing.text)/shadow" + (id.name.map { "?name=\($0.text.replacing("$", with: "%24"))" } ?? "")
    }

    private func ask(
        _ method: HTTPMethod, _ target: String, about id: ShadowID, body: [UInt8] = []
    ) async throws(Complaint) -> JSONValue {
        let headers = HeaderSigner.sign(
            method: method.rawValue, target: target, host: self.connection.endpoint.authority, body: body,
            credentials: self.credentials, region: self.region, date: Broker.systemWallTime())
        let answer = try await self.connection.ask(id.text, method, target, headers: headers, body: body)
        do {
            return try JSONValue(parsing: answer, limits: JSONLimits(maximumDepth: 512))
        } catch {
            throw Complaint("\(self.connection.address) did not answer with JSON (\(error.text)); is that Sundial?")
        }
    }
}

extension ShadowID {
    /// `lamp` for the classic shadow, `lamp/kitchen` for a named one.
    var text: String { self.name.map { "\(self.thing.text)/\($0.text)" } ?? self.thing.text }
}
