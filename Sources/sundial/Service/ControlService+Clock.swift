import Broker
import JSON
import NIOCore
import NIOHTTP1
import Timeline

extension ControlService {
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
}
