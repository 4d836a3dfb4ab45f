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
    private let broker: Broker
    private let version: String

    init(_ service: RunService, of broker: Broker, version: String) {
        self.service = service
        self.broker = broker
        self.version = version
    }

    /// Starts the scenario in `body`. `201 {"id":…,…}`
    func start(_ body: [UInt8], _ query: QueryParameters) async throws -> Response {
        let options = try RunOptions(query)
        let id = RunService.freshID()
        let clock = try await self.service.clock
        let (scenario, plan) = try await awayFromTheLoop {
            Result { () throws(ServiceError) in
                let scenario = try PostedScenario(body)
                return (scenario, try options.plan(from: scenario, runID: id, clock: clock))
            }
        }.get()
        try await self.prepare(plan.settings.start, scenario)
        try await Self.answering { try await self.service.start(options.request(plan, id: id)) }
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

    /// Brings the service into the state that the scenario begins with. Clients are sent away by it.
    private func prepare(_ start: PlanSettings.Start, _ scenario: PostedScenario) async throws {
        let state = StateOperations(self.broker)
        switch start {
        case .present: break
        case .clean: _ = try await state.reset()
        case .snapshot(let path):
            guard let snapshot = scenario.bytes(of: path) else {
                throw ServiceError.invalid("The snapshot '\(path)' that the scenario begins with did not come with it.")
            }
            _ = try await state.restore(snapshot)
        }
    }

    /// Has a run obey: `cancel`, `pause` and `resume` (of one lane with `?lane=KEY`; `?rule=shift|catchUp`), `step`.
    func command(_ id: String, _ command: RunCommandName, _ query: QueryParameters) async throws -> Response {
        let lane = try query.text("lane")
        let status = try await Self.answering {
            switch command {
            case .cancel: try await self.service.cancel(id)
            case .pause: try await self.service.pause(id, lane: lane)
            case .resume: try await self.service.resume(id, lane: lane, try Self.rule(query))
            case .step: try await self.service.stepOnce(id)
            }
        }
        return .json(.ok, status.json)
    }

    private static func rule(_ query: QueryParameters) throws(ServiceError) -> ResumeRule {
        guard let text = try query.text("rule") else { return .shift }
        if let rule = ResumeRule(rawValue: text) { return rule }
        throw .invalid("'rule' is \(ResumeRule.allCases.map(\.rawValue).joined(separator: " or ")), not '\(text.prefix(100))'.")
    }

    /// `{"lanes":[{"key":…,"run":…,"settings":{…},"waiting":0,"inFlight":0,"lastDispatch":…,"paused":false},…]}` of the runs that go on;
    /// times are nanoseconds from the start of the run.
    func lanes() async throws -> Response {
        .json(.ok, .object(["lanes": .array(try await self.service.lanes().map(\.json))]))
    }

    /// Changes a lane, or with `*` at its end all whose key begins like this, where the body says something: `{"minGap":"500ms"}`.
    /// Of all runs that go on, or one with `?run=ID`. Answers as ``lanes()``.
    func changeLane(_ key: String, _ body: [UInt8], _ query: QueryParameters) async throws -> Response {
        let settings: LaneSettings
        do throws(ScenarioError) {
            settings = try LaneSettings(parsing: body, file: "lane")
        } catch {
            var refusal = ServiceError.invalid("The settings cannot be used: \(error.text)")
            refusal.facts = [("faults", .array([.object(error.json)]))]
            throw refusal
        }
        if key.isEmpty || key.dropLast().contains("*") {
            throw ServiceError.invalid("'\(key.prefix(100))' is no lane; give a lane's key, or a prefix with one * at its end.")
        }
        let run = try query.text("run")
        try await Self.answering { try await self.service.change(lane: key, to: settings, of: run) }
        return try await self.lanes()
    }

    /// Forgets a finished run.
    func forget(_ id: String) async throws -> Response {
        try await Self.answering { try await self.service.forget(id) }
        return Response(status: .noContent)
    }

    /// What `sundial check` finds in the scenario in `body`.
    /// `{"steps":2,"errors":1,"warnings":0,"findings":[{"severity":"error","file":…,"line":…,"column":…,"what":…,"cure":…},…]}`
    func check(_ body: [UInt8], _ query: QueryParameters) async throws -> Response {
        let options = try RunOptions(query)
        let result = try await awayFromTheLoop {
            Result { () throws(ServiceError) in options.findings(in: try PostedScenario(body)) }
        }.get()
        return .json(
            .ok,
            .object([
                "steps": JSONValue(Int64(result.steps)), "errors": JSONValue(Int64(result.errors)),
                "warnings": JSONValue(Int64(result.warnings)), "findings": .array(result.findings.map(\.document)),
            ]))
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
            "id": .string(self.id), "name": .string(self.name), "state": .string(self.isPaused ? "paused" : self.state.rawValue),
            "startedAt": .string(self.startedAt.iso8601), "elapsedNanoseconds": JSONValue(self.elapsed.wholeNanoseconds),
            "steps": self.steps.map { JSONValue(Int64($0)) } ?? .null, "dispatched": JSONValue(Int64(self.dispatched)),
            "ended": .object(ended),
        ])
    }
}

extension RunLane {
    fileprivate var json: JSONValue {
        var object: JSONObject = ["key": .string(self.lane.key), "run": .string(self.run), "settings": self.lane.settings.document]
        object["waiting"] = JSONValue(Int64(self.lane.waiting))
        object["inFlight"] = JSONValue(Int64(self.lane.inFlight))
        object["lastDispatch"] = self.lane.lastDispatch.map { JSONValue($0.wholeNanoseconds) }
        object["paused"] = .bool(self.lane.isPaused)
        object["stopped"] = self.lane.stopped.map { .string($0) }
        return .object(object)
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
            self.init(.conflict, "The run '\(id)' has finished.", explanation: "It can only be looked at, or forgotten.")
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
