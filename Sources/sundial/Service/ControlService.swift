import ArgumentParser
import Broker
import JSON
import NIOCore
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

    // MARK: The clock

    func clock() async throws(Complaint) -> JSONValue {
        try await self.document("the clock", .GET, "clock")
    }

    func setClock(_ kind: ClockKind) async throws(Complaint) -> JSONValue {
        let wanted: JSONObject =
            switch kind {
            case .real: ["kind": "real"]
            case .scaled(let factor): ["kind": "scaled", "factor": JSONNumber(text: "\(factor)").map { .number($0) } ?? .null]
            case .virtual(let auto): ["kind": "virtual", "auto": .bool(auto)]
            }
        return try await self.document("the clock", .PUT, "clock", body: JSONValue.object(wanted).utf8)
    }

    /// Answers when the clock is there, which takes as long as what happens on the way.
    func advanceClock(_ goal: JSONObject) async throws(Complaint) -> JSONValue {
        try await self.document("the advance", .POST, "clock/advance", body: JSONValue.object(goal).utf8, patience: .hours(24))
    }

    private func document(
        _ what: String, _ method: HTTPMethod, _ path: String, body: [UInt8] = [], patience: TimeAmount = ServiceConnection.patience
    ) async throws(Complaint) -> JSONValue {
        let answer = try await self.ask(what, method, path, body: body, patience: patience)
        do {
            return try JSONValue(parsing: answer, limits: JSONLimits(maximumDepth: 512))
        } catch {
            throw Complaint("\(self.connection.address) did not answer with JSON (\(error.text)); is that Sundial?")
        }
    }

    private func ask(
        _ what: String, _ method: HTTPMethod, _ path: String, body: [UInt8] = [], patience: TimeAmount = ServiceConnection.patience
    ) async throws(Complaint) -> [UInt8] {
        let headers = self.bearer.map { [(name: "Authorization", value: "Bearer \($0)")] } ?? []
        return try await self.connection.ask(what, method, "/_sundial/\(path)", headers: headers, body: body, patience: patience)
    }
}
