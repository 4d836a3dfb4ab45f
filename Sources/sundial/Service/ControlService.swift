import ArgumentParser
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

/// A run that a Sundial has started for us.
struct StartedRun: Sendable {
    let id: String
    let steps: Int
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

    // MARK: Runs

    /// Starts a scenario that ends with us.
    ///
    /// - Parameter options: of `POST /_sundial/runs`.
    func startRun(_ scenario: [UInt8], _ options: [(name: String, value: String)]) async throws(Complaint) -> StartedRun {
        let query = options.map { "&\(QueryText.encoded($0.name))=\(QueryText.encoded($0.value))" }.joined()
        let answer: JSONValue
        do throws(Complaint) {
            answer = try await self.document("the run", .POST, "runs?attached=true\(query)", body: scenario)
        } catch {
            // One that is refused has not failed.
            throw error.status == .failed ? Complaint(error.text, .notConnected) : error
        }
        guard let id = answer["id"]?.string else {
            throw Complaint("\(self.connection.address) did not say which run it started; is that Sundial?", .notConnected)
        }
        return StartedRun(id: id, steps: Int(answer["steps"]?.int64 ?? 0))
    }

    /// Gives the events of a run until it has finished.
    func followRun(_ id: String, _ onEvent: (JSONValue) -> Void) async throws(Complaint) {
        try await self.connection.follow("the run \(id)", "/_sundial/runs/\(id)/events", headers: self.headers) { line throws(Complaint) in
            let event: JSONValue
            do throws(JSONError) {
                event = try JSONValue(parsing: line)
            } catch {
                throw Complaint("\(self.connection.address) sent an event that is not JSON (\(error.text)); is that Sundial?")
            }
            onEvent(event)
            return event["event"] != "finished"
        }
    }

    func cancelRun(_ id: String) async throws(Complaint) {
        _ = try await self.ask("the run \(id)", .POST, "runs/\(id)/cancel")
    }

    /// The report as it is to be printed.
    func report(of id: String, format: String) async throws(Complaint) -> [UInt8] {
        try await self.ask("the report of \(id)", .GET, "runs/\(id)?format=\(format)")
    }

    func document(
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
        try await self.connection.ask(what, method, "/_sundial/\(path)", headers: self.headers, body: body, patience: patience)
    }

    private var headers: [(name: String, value: String)] {
        self.bearer.map { [(name: "Authorization", value: "Bearer \($0)")] } ?? []
    }
}
