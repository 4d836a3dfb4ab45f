import Broker
import HTTPTypes
import Hummingbird
import JSON
import Pacing
import Runner
import Timeline

/// Runs of scenarios inside the broker, beside everybody else. Source: `scheduler.md` §15.
struct RunOperations: Sendable {
    private let service: RunService
    private let version: String

    init(_ service: RunService, version: String) {
        self.service = service
        self.version = version
    }

    /// Starts the scenario in `body`. `201 {"id":…,…}`
    func start(_ body: [UInt8], _ query: QueryParameters) async throws -> Response {
        let options = try RunOptions(query)
        let id = RunService.freshID()
        let clock = try await self.service.clock
        let plan = try await awayFromTheLoop {
            Result { () throws(ServiceError) in try options.plan(from: body, runID: id, clock: clock) }
        }.get()
        try await Self.answering { try await self.service.start(RunRequest(id: id, plan: plan, isAttached: options.isAttached)) }
        var response = Response.json(.created, try await self.status(of: id).json)
        response.headers[.location] = "/_sundial/runs/\(id)"
        return response
    }

    /// `{"runs":[{"id":…,…},…]}`, in the order they began.
    func list() async throws -> Response {
        .json(.ok, .object(["runs": .array(try await self.service.statuses().map(\.json))]))
    }

    /// The report, as `sundial run` writes it in any of its formats.
    func report(of id: String, _ query: QueryParameters) async throws -> Response {
        let name = try query.text("format") ?? ReportFormat.json.rawValue
        guard let format = ReportFormat(rawValue: name) else {
            let known = ReportFormat.allCases.map(\.rawValue).joined(separator: ", ")
            throw ServiceError.invalid("'format' is one of \(known), not '\(name.prefix(100))'.")
        }
        var report = try await Self.answering { try await self.service.report(of: id) }
        report.emulatorVersion = self.version
        let written = report
        return await awayFromTheLoop { .bytes(.ok, written.written(format), type: format.mediaType) }
    }

    /// Ends a run early.
    func cancel(_ id: String) async throws -> Response {
        .json(.ok, try await Self.answering { try await self.service.cancel(id) }.json)
    }

    /// Forgets a finished run.
    func forget(_ id: String) async throws -> Response {
        try await Self.answering { try await self.service.forget(id) }
        return Response(status: .noContent)
    }

    /// Every fault of the scenario in `body`. `{"findings":[{"severity":"error","file":…,"line":…,"column":…,"what":…,"cure":…},…]}`
    func check(_ body: [UInt8], _ query: QueryParameters) async throws -> Response {
        let options = try RunOptions(query)
        let faults = await awayFromTheLoop { options.faults(in: body) }
        let findings = faults.map { fault -> JSONValue in
            var finding: JSONObject = ["severity": "error"]
            for (name, value) in fault.json { finding[name] = value }
            return .object(finding)
        }
        return .json(.ok, .object(["findings": .array(findings)]))
    }

    private func status(of id: String) async throws -> RunStatus {
        try await Self.answering { try await self.service.status(of: id) }
    }

    /// The service's refusals in the words of the API.
    static func answering<Value>(_ body: () async throws -> Value) async throws -> Value {
        do {
            return try await body()
        } catch let refusal as RunRefusal {
            throw ServiceError(refusal)
        }
    }
}

extension RunStatus {
    var json: JSONValue {
        var ended = JSONObject()
        for state in StepRecord.State.allCases { ended[state.rawValue] = JSONValue(Int64(self.ended[state] ?? 0)) }
        return .object([
            "id": .string(self.id), "name": .string(self.name), "state": .string(self.state.rawValue),
            "startedAt": .string(self.startedAt.iso8601), "elapsedNanoseconds": JSONValue(self.elapsed.wholeNanoseconds),
            "steps": JSONValue(Int64(self.steps)), "dispatched": JSONValue(Int64(self.dispatched)), "ended": .object(ended),
        ])
    }
}

extension ScenarioError {
    var json: JSONObject {
        [
            "file": .string(self.file), "line": JSONValue(Int64(self.line)), "column": JSONValue(Int64(self.column)),
            "what": .string(self.what), "cure": .string(self.cure),
        ]
    }
}

extension ServiceError {
    fileprivate init(_ refusal: RunRefusal) {
        switch refusal {
        case .unknown(let id):
            self.init(
                .notFound, "There is no run '\(id.prefix(100))'.",
                explanation: "Finished runs are forgotten in time; /_sundial/runs lists those there are.")
        case .goesOn(let id):
            self.init(.conflict, "The run '\(id)' goes on.", explanation: "Cancel it first: POST /_sundial/runs/\(id)/cancel.")
        case .hasFinished(let id):
            self.init(.conflict, "The run '\(id)' has finished.", explanation: "There is nothing left to cancel.")
        case .tooMany(let most):
            self.init(.tooManyRequests, "\(most) runs go on already.", explanation: "Wait for one to finish, or cancel one.")
        case .stopping:
            self.init(.serviceUnavailable, "Service Unavailable", explanation: "Sundial is stopping.")
        }
    }
}

extension ReportFormat {
    fileprivate var mediaType: String {
        switch self {
        case .table: "text/plain; charset=utf-8"
        case .json: "application/json"
        case .jsonl: "application/jsonl"
        case .junit: "application/xml"
        }
    }
}
