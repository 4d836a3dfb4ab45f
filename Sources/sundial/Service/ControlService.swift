import ArgumentParser
import JSON
import NIOHTTP1
import Shadows

/// What the control API asks for beyond the address.
struct ControlOptions: ParsableArguments {
    @OptionGroup var endpoint: EndpointOptions

    @Option(help: ArgumentHelp("The bearer token that 'sundial serve' printed, for one beyond this machine.", valueName: "token"))
    var bearer: String?
}

/// The control API of a running Sundial, under `/_sundial/`.
struct ControlService: Sendable {
    let connection: ServiceConnection
    let bearer: String?

    func reset() async throws(Complaint) -> JSONValue {
        try await self.document("the reset", .POST, "reset")
    }

    /// The snapshot as it was sent: it is made to be read.
    func snapshot() async throws(Complaint) -> [UInt8] {
        try await self.ask("the snapshot", .GET, "snapshot")
    }

    func restore(_ snapshot: [UInt8]) async throws(Complaint) -> JSONValue {
        try await self.document("the restore", .POST, "restore", body: snapshot)
    }

    /// What is kept of a shadow's past, with metadata.
    func history(of id: ShadowID) async throws(Complaint) -> PastVersions {
        let place = id.name.map { "name/\($0.text)" } ?? "classic"
        let path = "shadows/\(id.thing.text)/\(place)/history?metadata=true"
        return try PastVersions(try await self.document(id.text, .GET, path))
    }

    private func document(_ what: String, _ method: HTTPMethod, _ path: String, body: [UInt8] = []) async throws(Complaint) -> JSONValue {
        let answer = try await self.ask(what, method, path, body: body)
        do {
            return try JSONValue(parsing: answer, limits: JSONLimits(maximumDepth: 512))
        } catch {
            throw Complaint("\(self.connection.address) did not answer with JSON (\(error.text)); is that Sundial?")
        }
    }

    private func ask(_ what: String, _ method: HTTPMethod, _ path: String, body: [UInt8] = []) async throws(Complaint) -> [UInt8] {
        let headers = self.bearer.map { [(name: "Authorization", value: "Bearer \($0)")] } ?? []
        return try await self.connection.ask(what, method, "/_sundial/\(path)", headers: headers, body: body)
    }
}
