import JSON

/// What stands beside the verb. Source: scheduler §16.4 "Common to all".
extension ScenarioReader {
    mutating func stepOptions(_ node: Node, of step: Step, called id: String) throws(StepFault) -> Step.Options {
        var options = Step.Options()
        options.lane = self.level.lane
        if let lane = node["lane"] {
            options.lane = try lane.string("lane")
            if options.lane?.isEmpty == true { throw lane.fault("a lane's name cannot be empty", "write for example \"private:x\"") }
        }
        if let after = node["after"] { options.after = try self.dependencies(after, called: id) }
        if let gate = node["gate"] { try self.readGates(gate, of: step, into: &options) }
        if let timeout = node["timeout"] { options.timeout = try SettingsWords.timeout(timeout) }
        if let onFail = node["onFail"] {
            options.onFail = try SettingsWords.onFail(onFail)
            if case .retry = options.onFail, step.actor == nil {
                throw onFail.fault("only a step that sends something can be tried again", "use stopLane, continue or stopRun")
            }
        }
        if let late = node["late"] { options.late = try SettingsWords.late(late) }
        if let jitter = node["jitter"] { options.jitter = try SettingsWords.jitter(jitter) }
        if let barrier = node["barrier"] { options.isBarrier = try barrier.bool("barrier") }
        if let skip = node["skip"] { options.isSkipped = try skip.bool("skip") }
        try Self.checkTags(node)
        return options
    }

    static func checkTags(_ node: Node) throws(StepFault) {
        guard let tags = node["tags"] else { return }
        for tag in try tags.elements("tags") { _ = try tag.string("a tag") }
    }

    private mutating func readGates(_ node: Node, of step: Step, into options: inout Step.Options) throws(StepFault) {
        let words = try GateWords(node) { (match) throws(StepFault) in try self.match(match) }
        if let publication = step.publication { try words.check(publication, isRemote: self.options.isRemote, node) }
        options.gates = words.gates
        options.quiet = words.quiet
        options.awaited = words.awaited
    }

    /// Against a remote target only a clientToken ties an answer to its request. Source: scheduler §6.
    func checkCorrelation(of step: Step, _ node: Node) throws(StepFault) {
        guard self.options.isRemote, let publication = step.publication, publication.shadow != nil, !publication.stampsToken,
            let lane = LaneRule.key(of: step, by: self.settings.laneBy)
        else { return }
        let gates = self.settings.gates(of: step, laneKey: lane).intersection(.ofShadows)
        if gates.isEmpty { return }
        if case .json(let value, _) = publication.payload, value["clientToken"] != nil { return }
        throw node.fault(
            "the gate \"\(gates.text)\" cannot be met at a remote target: \"stampToken\" is false and the payload has no clientToken",
            "give it a token, or wait for \"acked\"")
    }

    /// The step that an earlier one is called by: in the same pass, in the passes around it, in the plan.
    mutating func stepNumber(_ node: Node, as what: String) throws(StepFault) -> StepNumber {
        let id = try node.string(what)
        if let number = self.level.number(of: id) { return number }
        let number = try self.names.number(node, id: id, as: what)
        if self.level.isTrial { self.namedOutside[id] = number }
        return number
    }

    /// One id, a list of ids, or ids with delays.
    private mutating func dependencies(_ node: Node, called id: String) throws(StepFault) -> [Step.Dependency] {
        var found: [Step.Dependency] = []
        func add(_ name: Node, delay: Duration = .zero) throws(StepFault) {
            if name.value.string == id { throw node.fault("step \"\(id)\" cannot wait for itself", "name an earlier step") }
            found.append(.init(step: try self.stepNumber(name, as: "after"), delay: delay))
        }
        switch node.value {
        case .array:
            for child in try node.elements("after") { try add(child) }
        case .object:
            for (name, child) in try node.members("after") {
                try add(child.replaced(by: .string(name)), delay: try child.duration("the delay after \"\(name)\""))
            }
        case .string, .null, .bool, .number:
            try add(node)
        }
        return found
    }
}
