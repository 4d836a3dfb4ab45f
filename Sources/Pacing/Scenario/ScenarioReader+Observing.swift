import JSON

/// `expect`, `never`, `order` and their matches. Source: scheduler §16.5.
extension ScenarioReader {
    mutating func expect(_ body: Node, step: Node) throws(StepFault) -> Step.Kind {
        var expectation = Expectation(try self.match(body), within: self.settings.defaults.within)
        if let within = step["within"] { expectation.within = try within.duration("within") }
        if let count = step["count"] { expectation.count = try Self.count(count) }
        expectation.from = try self.lookBack(step)
        if let capture = step["capture"] {
            expectation.captures = try Self.captures(capture)
            for capture in expectation.captures { self.variables.scope.declareCaptured(capture.name) }
        }
        return .expect(expectation)
    }

    mutating func never(_ body: Node, step: Node) throws(StepFault) -> Step.Kind {
        guard let time = step["for"] else {
            throw step.fault("\"never\" needs \"for\", the time during which nothing may come", "add \"for\": \"2s\"")
        }
        if let from = step["from"] { throw from.keyFault("\"never\" looks at messages from its own time on", "remove \"from\"") }
        let duration = try time.duration("for")
        self.level.spend(duration)
        return .never(try self.match(body), for: duration)
    }

    mutating func order(_ body: Node, step: Node) throws(StepFault) -> Step.Kind {
        var matches: [Match] = []
        for node in try body.elements("order") { matches.append(try self.match(node)) }
        if matches.count < 2 { throw body.fault("\"order\" needs at least two matches", "use \"expect\" for a single one") }
        let within = try step["within"].map { (node) throws(StepFault) in try node.duration("within") }
        return .order(matches, within: within ?? self.settings.defaults.within, from: try self.lookBack(step))
    }

    private mutating func lookBack(_ step: Node) throws(StepFault) -> LookBack {
        guard let from = step["from"] else { return .planned }
        if from.value.string == "start" { return .start }
        return .dispatch(of: try self.stepNumber(from, as: "from"))
    }

    private static func count(_ node: Node) throws(StepFault) -> CountRule {
        let cure = "write 3, \">=2\" or [1, 3]"
        if let text = node.value.string, text.hasPrefix(">="), let least = Int(text.dropFirst(2)), least >= 0 { return .atLeast(least) }
        if node.value.array != nil {
            let ends = try node.elements("count")
            guard ends.count == 2 else { throw node.fault("a range of counts has two ends", cure) }
            let least = Int(try ends[0].integer("count", 0...Int64.max))
            return .between(least, Int(try ends[1].integer("count", Int64(least)...Int64.max)))
        }
        guard let exact = node.value.int64, exact >= 0 else { throw node.fault("\(node.value.text) is not a count", cure) }
        return .between(Int(exact), Int(exact))
    }

    static func captures(_ node: Node) throws(StepFault) -> [Expectation.Capture] {
        var captures: [Expectation.Capture] = []
        for (name, child) in try node.members("capture") {
            try HeaderReader.checkVariableName(name, child)
            let pointer = try child.string("a captured place")
            guard JSONPointer.tokens(of: pointer) != nil else {
                throw child.fault("\"\(pointer)\" is not a JSON pointer", "write for example \"/state/reported/temp\"")
            }
            captures.append(.init(name: name, pointer: pointer))
        }
        return captures
    }

    // MARK: Matches

    private static let matchKeys = ["topic", "json", "text", "regex", "qos", "retain", "from", "client", "props", "causedBy"]

    mutating func match(_ node: Node) throws(StepFault) -> Match {
        for beside in ["within", "count", "capture", "for"] {
            if let child = node[beside] {
                throw child.keyFault("\"\(beside)\" stands beside the verb, not inside the match", "move it out")
            }
        }
        try node.allowOnly(Self.matchKeys, in: "a match")
        guard let object = node.value.object, object.contains(where: { !$0.key.hasPrefix("x-") }) else {
            throw node.fault("this match is empty and would match everything", "give at least a topic")
        }
        var match = Match()
        match.topic = try node["topic"].map { (node) throws(StepFault) in try Self.topicFilter(node) }
        match.json = try node["json"].map { (node) throws(StepFault) in try self.pattern(node) }
        match.text = try node["text"].map { (node) throws(StepFault) in try node.lateString("text") }
        match.regex = try node["regex"].map { (node) throws(StepFault) in try Self.regex(node) }
        match.qos = try node["qos"].map { (node) throws(StepFault) in UInt8(try node.integer("qos", 0...2)) }
        match.retain = try node["retain"].map { (node) throws(StepFault) in try node.bool("retain") }
        match.from = try node["from"].map { (node) throws(StepFault) in try node.string("from") }
        match.properties = try node["props"].map { (node) throws(StepFault) in try PropertyWords.read(node) }
        match.client = try node["client"].map { (node) throws(StepFault) in try self.clients.declared(node) }
        match.causedBy = try node["causedBy"].map { (node) throws(StepFault) in try self.stepNumber(node, as: "causedBy") }
        return match
    }

    func pattern(_ node: Node) throws(StepFault) -> JSONPattern {
        switch node.value {
        case .object(let object):
            if object.count == 1, let key = object.keys.first, key.hasPrefix("$"), let operand = node[key] {
                return try self.operation(key, operand)
            }
            var members: [JSONPattern.Member] = []
            for (key, child) in try node.members("json") { members.append(.init(key: key, pattern: try self.pattern(child))) }
            return .object(members)
        case .array:
            var patterns: [JSONPattern] = []
            for child in try node.elements("json") { patterns.append(try self.pattern(child)) }
            return .array(patterns)
        case .string(let text):
            return LateText.isLate(text) ? .lateText(text) : .literal(node.value)
        case .null, .bool, .number:
            return .literal(node.value)
        }
    }

    private func operation(_ key: String, _ operand: Node) throws(StepFault) -> JSONPattern {
        switch key {
        case "$any", "$absent":
            guard try operand.bool(key) else { throw operand.fault("\(key) takes only true", "write {\"\(key)\": true}") }
            return key == "$any" ? .any : .absent
        case "$type": return .type(try operand.word("$type", as: JSONPattern.Kind.self))
        case "$gt": return .greater(try Self.double(operand, "$gt"))
        case "$near":
            let parts = try operand.elements("$near")
            guard parts.count == 2 else { throw operand.fault("$near takes a number and a distance", "write {\"$near\": [21.5, 0.1]}") }
            return .near(try Self.double(parts[0], "$near"), within: try Self.double(parts[1], "$near"))
        case "$re": return .regex(try Self.regex(operand))
        case "$len": return .length(Int(try operand.integer("$len", 0...Int64.max)))
        case "$var":
            let name = try operand.string("$var")
            if let value = self.variables.value(name) { return .literal(value) }
            if self.variables.isCaptured(name) { return .variable(name) }
            throw operand.fault("unknown variable \"\(name)\"", NearestName.hint(for: name, among: self.variables.names))
        default:
            throw operand.keyFault("unknown operator \"\(key)\" in json", NearestName.hint(for: key, among: JSONPattern.operators))
        }
    }

    private static func double(_ node: Node, _ what: String) throws(StepFault) -> Double {
        guard let value = node.value.double else {
            throw node.fault("\(what) takes a number, not \(node.value.kindText)", "write 3 or 21.5")
        }
        return value
    }

    private static func regex(_ node: Node) throws(StepFault) -> String {
        let pattern = try node.string("a regular expression")
        guard TextPattern.isValid(pattern) else { throw node.fault("\"\(pattern)\" is not a regular expression", "check its brackets") }
        return pattern
    }
}
