import JSON

/// What stands beside the verb. Source: scheduler §16.4 "Common to all".
extension ScenarioReader {
    func stepOptions(_ node: Node, of step: Step) throws(StepFault) -> Step.Options {
        var options = Step.Options()
        if let lane = node["lane"] {
            options.lane = try lane.string("lane")
            if options.lane?.isEmpty == true { throw lane.fault("a lane's name cannot be empty", "write for example \"private:x\"") }
        }
        if let after = node["after"] { options.after = try self.dependencies(after, of: step) }
        if let gate = node["gate"] { options.gates = try Self.stepGates(gate, of: step) }
        if let timeout = node["timeout"] {
            options.timeout = try timeout.duration("timeout")
            if options.timeout == .zero { throw timeout.fault("a timeout of 0 can never be met", "write for example \"5s\"") }
        }
        if let onFail = node["onFail"] { options.onFail = try SettingsWords.onFail(onFail) }
        if let late = node["late"] { _ = try SettingsWords.late(late) }
        if let jitter = node["jitter"] { options.jitter = try SettingsWords.jitter(jitter) }
        if let barrier = node["barrier"] { options.isBarrier = try barrier.bool("barrier") }
        if let skip = node["skip"] { options.isSkipped = try skip.bool("skip") }
        if let tags = node["tags"] {
            for tag in try tags.elements("tags") { _ = try tag.string("a tag") }
        }
        return options
    }

    /// Against a remote target only a clientToken ties an answer to its request. Source: scheduler §6.
    func checkCorrelation(of step: Step, _ node: Node) throws(StepFault) {
        guard self.options.isRemote, let publication = step.publication, publication.shadow != nil, !publication.stampsToken,
            let lane = LaneRule.key(of: step, by: self.settings.laneBy), self.settings.gates(of: step, laneKey: lane).contains(.accepted)
        else { return }
        if case .json(let value, _) = publication.payload, value["clientToken"] != nil { return }
        throw node.fault(
            "the gate \"accepted\" cannot be met at a remote target: \"stampToken\" is false and the payload has no clientToken",
            "give it a token, or wait for \"acked\"")
    }

    /// One id, a list of ids, or ids with delays.
    private func dependencies(_ node: Node, of step: Step) throws(StepFault) -> [Step.Dependency] {
        var found: [Step.Dependency] = []
        switch node.value {
        case .array:
            for child in try node.elements("after") { found.append(.init(step: try self.names.number(child, as: "after"))) }
        case .object:
            for (id, child) in try node.members("after") {
                let number = try self.names.number(node.child(.string(id), id), as: "after")
                found.append(.init(step: number, delay: try child.duration("the delay after \"\(id)\"")))
            }
        case .string, .null, .bool, .number:
            found.append(.init(step: try self.names.number(node, as: "after")))
        }
        if found.contains(where: { $0.step == step.number }) {
            throw node.fault("step \"\(step.id)\" cannot wait for itself", "name an earlier step")
        }
        return found
    }

    private static func stepGates(_ node: Node, of step: Step) throws(StepFault) -> Gates {
        let gates = try SettingsWords.gates(node)
        guard let publication = step.publication else { return gates }
        if gates.contains(.accepted), publication.shadow == nil {
            throw node.fault(
                "the gate \"accepted\" cannot be met: \(publication.topic) is no shadow request", "use \"acked\" or \"sent\"")
        }
        if gates.contains(.acked), publication.qos == 0, publication.publisher != .service {
            throw node.fault("the gate \"acked\" cannot be met at QoS 0", "use \"sent\", or qos 1")
        }
        return gates
    }
}
