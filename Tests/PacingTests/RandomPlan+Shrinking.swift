import Pacing
import Timeline

/// Scenarios made smaller while they still fail, so that a person can see why.
extension RandomPlan {
    /// The smallest scenario found that still does what the check says.
    func shrunk(while fails: (RandomPlan) -> Bool) -> RandomPlan {
        var best = self
        var isSmaller = true
        while isSmaller {
            isSmaller = false
            for candidate in best.smaller where fails(candidate) {
                best = candidate
                isSmaller = true
                break
            }
        }
        return best
    }

    /// Everything that is one thing less.
    private var smaller: [RandomPlan] {
        var found: [RandomPlan] = []
        for place in self.steps.indices.reversed() { found.append(self.changed { $0.steps.remove(at: place) }) }
        for place in self.happenings.indices { found.append(self.changed { $0.happenings.remove(at: place) }) }
        if !self.options.breakpoints.isEmpty { found.append(self.changed { $0.options.breakpoints = [] }) }
        if self.options.seek != nil { found.append(self.changed { $0.options.seek = nil }) }
        found += self.simplerSettings
        for place in self.steps.indices { found += self.simplerSteps(place) }
        return found
    }

    private var simplerSettings: [RandomPlan] {
        let plain = PlanSettings()
        var found: [RandomPlan] = []
        if self.settings.speed != .normal { found.append(self.changed { $0.settings.speed = .normal }) }
        if self.settings.slots != plain.slots { found.append(self.changed { $0.settings.slots = plain.slots }) }
        if self.settings.jitter != nil { found.append(self.changed { $0.settings.jitter = nil }) }
        if self.settings.wallFloor != .zero { found.append(self.changed { $0.settings.wallFloor = .zero }) }
        if self.settings.laneBy != nil { found.append(self.changed { $0.settings.laneBy = nil }) }
        if self.settings.defaults.late != .keep { found.append(self.changed { $0.settings.defaults.late = .keep }) }
        if self.settings.defaults.onFail != nil { found.append(self.changed { $0.settings.defaults.onFail = nil }) }
        if self.settings.quotas != QuotaSettings() { found.append(self.changed { $0.settings.quotas = QuotaSettings() }) }
        for key in self.settings.lanes.keys.sorted() { found.append(self.changed { $0.settings.lanes[key] = nil }) }
        return found
    }

    private func simplerSteps(_ place: Int) -> [RandomPlan] {
        let step = self.steps[place].step
        var found: [RandomPlan] = []
        if step.planned != .zero { found.append(self.changed { $0.steps[place].step.planned = .zero }) }
        if !step.options.after.isEmpty { found.append(self.changed { $0.steps[place].step.options.after = [] }) }
        if step.options.gates != nil { found.append(self.changed { $0.steps[place].step.options.gates = nil }) }
        if step.options.onFail != nil { found.append(self.changed { $0.steps[place].step.options.onFail = nil }) }
        if step.options.late != nil { found.append(self.changed { $0.steps[place].step.options.late = nil }) }
        if step.options.lane != nil { found.append(self.changed { $0.steps[place].step.options.lane = nil }) }
        if step.options.timeout != nil { found.append(self.changed { $0.steps[place].step.options.timeout = nil }) }
        return found
    }

    private func changed(_ change: (inout RandomPlan) -> Void) -> RandomPlan {
        var scenario = self
        change(&scenario)
        return scenario
    }

    /// For people.
    var text: String {
        let settings = self.settings
        var lines = [
            "seed \(self.seed): speed \(settings.speed), slots \(settings.slots), jitter \(String(describing: settings.jitter?.most)), "
                + "wallFloor \(settings.wallFloor), laneBy \(String(describing: settings.laneBy)), late \(settings.defaults.late) "
                + "(grace \(settings.defaults.lateGrace)), onFail \(String(describing: settings.defaults.onFail)), "
                + "quotas \(settings.quotas.mode) \(String(describing: settings.quotas.limits)), breakpoints \(self.options.breakpoints.sorted()), "
                + "seek \(String(describing: self.options.seek))"
        ]
        for (key, lane) in settings.lanes.sorted(by: { $0.key < $1.key }) { lines.append("lane \(key): \(lane)") }
        for (place, step) in self.steps { lines.append("\(place) at \(step.planned) from \(step.origin): \(Self.text(of: step))") }
        for (at, happening) in self.happenings { lines.append("at \(at): \(happening)") }
        return lines.joined(separator: "\n")
    }

    private static func text(of step: Step) -> String {
        let options = step.options
        var parts = ["\(step.id) \(step.verb)", step.publication?.topic ?? "", step.actor.map { "as \($0.text)" } ?? ""]
        if let publication = step.publication { parts.append("qos \(publication.qos)\(publication.hasAutomaticVersion ? " auto" : "")") }
        if !options.after.isEmpty { parts.append("after \(options.after.map { "\($0.step.rawValue)+\($0.delay)" })") }
        if let gates = options.gates { parts.append("gates \(gates.text)") }
        if let policy = options.onFail { parts.append("onFail \(policy)") }
        if let late = options.late { parts.append("late \(late)") }
        if let lane = options.lane { parts.append("lane \(lane)") }
        if let timeout = options.timeout { parts.append("timeout \(timeout)") }
        if case .clock(let change) = step.kind { parts.append("\(change)") }
        if let block = step.block { parts.append("\(block.kind)") }
        return parts.filter { !$0.isEmpty }.joined(separator: " ")
    }
}
