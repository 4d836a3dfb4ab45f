import JSON
import Shadows
import Topics

/// `shadowIs` and `device`. Source: scheduler §16.4.
extension ScenarioReader {
    func shadowIs(_ body: Node) throws(StepFault) -> Step.Kind {
        try body.allowOnly(["thing", "shadow", "equals", "includes", "version", "absent"], in: "\"shadowIs\"")
        var check = ShadowCheck(try Self.shadowID(body, "\"shadowIs\""))
        if let equals = body["equals"] { check.equals = .object(try Self.state(equals, "equals")) }
        if let includes = body["includes"] {
            _ = try Self.state(includes, "includes")
            check.includes = try self.pattern(includes)
        }
        if let version = body["version"] { check.version = try version.integer("version", 0...Int64.max) }
        if let absent = body["absent"] { check.isAbsent = try absent.bool("absent") }
        let saysMore = check.equals != nil || check.includes != nil || check.version != nil
        if check.isAbsent, saysMore {
            throw body.fault("a shadow that is absent has no state and no version", "remove \"absent\", or everything else")
        }
        guard check.isAbsent || saysMore else {
            throw body.fault("\"shadowIs\" says nothing about the shadow", "give \"equals\", \"includes\", \"version\" or \"absent\": true")
        }
        return .shadowIs(check)
    }

    /// The sections of a state; metadata and the like are no part of it.
    private static func state(_ node: Node, _ what: String) throws(StepFault) -> JSONObject {
        let state = try node.object(what)
        try node.allowOnly(["desired", "reported"], in: "\"\(what)\"")
        return state
    }

    /// A reaction to the delta that reports what was desired.
    func device(_ body: Node, step: Node, id: String, line: Int) throws(StepFault) -> Step.Kind {
        try body.allowOnly(["thing", "shadow", "echo", "delay", "drift", "until"], in: "\"device\"")
        if let drift = body["drift"] { throw drift.keyFault("not available yet: drift", "publish the updates with \"repeat\"") }
        if let echo = body["echo"], try echo.string("echo") != "delta" {
            throw echo.fault("a device echoes only its delta", "write \"echo\": \"delta\", or use \"on\" for something else")
        }
        let shadow = try Self.shadowID(body, "\"device\"")
        let publisher = try self.publisher(step)
        let delay = try body["delay"].map { (node) throws(StepFault) in try node.duration("delay") } ?? .zero
        let topic = ShadowTopic(id: shadow, operation: .update)
        let report = StepBody { context in
            guard let message = context.message, let state = (try? JSONValue(parsing: message.payload))?["state"] else { return [] }
            let payload = JSONValue.object(["state": ["reported": state]])
            let publication = Publication(
                publisher: publisher, topic: topic.text, payload: .json(payload, isLate: false), shadow: topic)
            var step = Step(number: context.first, id: id, line: line, planned: delay, kind: .publish(publication))
            step.options.lane = "device:\(id)"
            return [step]
        }
        let delta = ShadowTopic(id: shadow, operation: .update, answer: .delta).text
        guard let filter = try? TopicFilter(delta) else { throw body.fault("\"\(delta)\" is no topic filter", "use another name") }
        var reaction = Reaction(Match(topic: filter), body: report)
        reaction.verb = "device"
        reaction.until = try body["until"].map { (node) throws(StepFault) in try node.duration("until") }
        return .react(reaction)
    }
}
