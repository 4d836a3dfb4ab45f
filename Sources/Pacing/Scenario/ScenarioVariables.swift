import JSON

/// The variables of one scenario while it is read. Source: scheduler §16.6.
struct ScenarioVariables {
    /// Names no file may define.
    static let builtIn = ["i", "run", "now", "epoch", "uuid", "rand", "pick", "seq", "env"]

    /// The variables a place of the file knows.
    struct Scope: Sendable {
        fileprivate(set) var named: [String: JSONValue] = [:]
        fileprivate(set) var captured: Set<String> = []

        mutating func define(_ name: String, _ value: JSONValue) {
            self.captured.remove(name)
            self.named[name] = value
        }

        /// From here on `name` may be used; its value comes while the plan runs.
        mutating func declareCaptured(_ name: String) {
            self.named[name] = nil
            self.captured.insert(name)
        }
    }

    private let seed: UInt64
    private let runID: String
    private let environment: (@Sendable (String) -> String?)?
    var scope = Scope()
    /// The value of `${i}`.
    var pass = 0
    private var sequences: [String: Int64] = [:]

    /// - Parameter environment: what `${env NAME}` reads; nil refuses it.
    init(seed: UInt64, runID: String, environment: (@Sendable (String) -> String?)? = nil) {
        self.seed = seed
        self.runID = runID
        self.environment = environment
    }

    mutating func define(_ name: String, _ value: JSONValue) {
        self.scope.define(name, value)
    }

    /// Reading that was only a trial uses up nothing.
    mutating func restoreSequences(of before: ScenarioVariables) {
        self.sequences = before.sequences
    }

    func value(_ name: String) -> JSONValue? { self.scope.named[name] }

    func isCaptured(_ name: String) -> Bool { self.scope.captured.contains(name) }

    var names: [String] { (Array(self.scope.named.keys) + Array(self.scope.captured)).sorted() }

    static func mentionsVariables(_ value: JSONValue) -> Bool {
        switch value {
        case .string(let text): Self.mentionsVariables(text)
        case .array(let elements): elements.contains { Self.mentionsVariables($0) }
        case .object(let object): object.contains { Self.mentionsVariables($0.key) || Self.mentionsVariables($0.value) }
        case .null, .bool, .number: false
        }
    }

    /// Whether a text is another one in every pass.
    static func mentionsPass(_ text: String) -> Bool {
        var rest = Substring(text)
        while let start = rest.firstRange(of: "${") {
            rest = rest[start.upperBound...]
            if rest.prefix(while: { $0 != "}" }).split(separator: " ") == ["i"] { return true }
        }
        return false
    }

    private static func mentionsVariables(_ text: String) -> Bool {
        var previous: UInt8 = 0
        for byte in text.utf8 {
            if byte == UInt8(ascii: "{"), previous == UInt8(ascii: "$") { return true }
            // U+FFFE starts with EF; such texts take the slow way, where it is refused.
            if byte == 0xEF { return true }
            previous = byte
        }
        return false
    }

    /// Replaces every variable that is known when the file is read.
    /// - Parameter draws: counts the random draws of one step, so that two in a step differ.
    mutating func resolved(_ node: Node, step: String, draws: inout Int) throws(StepFault) -> JSONValue {
        switch node.value {
        case .string(let text):
            return try self.resolved(text, node, step: step, draws: &draws)
        case .array(let elements):
            var result: [JSONValue] = []
            for (place, element) in elements.enumerated() {
                result.append(try self.resolved(node.child(element, String(place)), step: step, draws: &draws))
            }
            return .array(result)
        case .object(let object):
            var result = JSONObject()
            for (key, value) in object {
                let child = node.child(value, key)
                let name = try self.resolved(key, child, step: step, draws: &draws)
                guard let name = name.string ?? name.number?.text, !LateText.isLate(name) else {
                    throw child.keyFault("the key \"\(key)\" is not known when the file is read", "use a variable from vars")
                }
                result[name] = try self.resolved(child, step: step, draws: &draws)
            }
            return .object(result)
        case .null, .bool, .number:
            return node.value
        }
    }

    private mutating func resolved(_ text: String, _ node: Node, step: String, draws: inout Int) throws(StepFault) -> JSONValue {
        guard Self.mentionsVariables(text) else { return .string(text) }
        if LateText.isLate(text) { throw node.fault("U+FFFE is not a character", "remove it") }
        var rest = Substring(text).unicodeScalars
        var result = ""
        var pieces = 0
        var only: JSONValue?
        while let scalar = rest.popFirst() {
            guard scalar == "$" else {
                result.unicodeScalars.append(scalar)
                pieces += 1
                continue
            }
            if rest.starts(with: "${".unicodeScalars) {
                rest.removeFirst(2)
                result += "${"
                pieces += 1
            } else if rest.first == "{" {
                rest.removeFirst()
                guard let end = rest.firstIndex(of: "}") else {
                    throw node.fault("\"${\" without \"}\"", "close it, or write \"$${\" for a literal \"${\"")
                }
                let value = try self.value(of: String(rest[..<end]), node, step: step, draws: &draws)
                rest = rest[rest.index(after: end)...]
                result += value.string ?? value.text
                pieces += 1
                only = value
            } else {
                result.unicodeScalars.append("$")
                pieces += 1
            }
        }
        if pieces == 1, let only { return only }
        return .string(result)
    }

    private mutating func value(of expression: String, _ node: Node, step: String, draws: inout Int) throws(StepFault) -> JSONValue {
        let words = expression.split(separator: " ").map(String.init)
        guard let name = words.first else { throw node.fault("\"${}\" names no variable", "write ${name}") }
        let arguments = Array(words.dropFirst())
        if let takes = Self.argumentText(name), arguments.isEmpty {
            throw node.fault("${\(name)} needs arguments", "write \(takes)")
        }
        if Self.argumentText(name) == nil, !arguments.isEmpty {
            throw node.fault("${\(expression)} has arguments, but \(name) takes none", "write ${\(name)}")
        }
        switch name {
        case "i": return .number(JSONNumber(Int64(self.pass)))
        case "run": return .string(self.runID)
        case "now", "epoch": return .string(LateText.placeholder(name))
        case "uuid":
            var draw = self.draw(name, step: step, draws: &draws)
            return .string(draw.uuid())
        case "rand":
            var draw = self.draw(name, step: step, draws: &draws)
            return try Self.random(arguments, &draw, node)
        case "pick":
            var draw = self.draw(name, step: step, draws: &draws)
            return .string(arguments[Int(draw.upTo(UInt64(arguments.count - 1)))])
        case "seq":
            return .number(JSONNumber(try self.nextInSequence(arguments, node)))
        case "env":
            return .string(try self.environmentValue(arguments, node))
        default:
            if let value = self.value(name) { return value }
            if self.isCaptured(name) { return .string(LateText.placeholder(name)) }
            throw node.fault("unknown variable ${\(name)}", NearestName.hint(for: name, among: self.names + Self.builtIn))
        }
    }

    private static func argumentText(_ name: String) -> String? {
        switch name {
        case "rand": "${rand 1 6}"
        case "pick": "${pick red green blue}"
        case "seq": "${seq 1}"
        case "env": "${env NAME}"
        default: nil
        }
    }

    private func environmentValue(_ arguments: [String], _ node: Node) throws(StepFault) -> String {
        guard arguments.count == 1 else { throw node.fault("${env} takes one name", "write ${env NAME}") }
        guard let environment else {
            throw node.fault(
                "${env \(arguments[0])} is refused: a scenario reads the environment only if whoever runs it allows that",
                "allow it, or put the value under vars")
        }
        guard let value = environment(arguments[0]) else {
            throw node.fault("the environment has no \(arguments[0])", "set it, or put the value under vars")
        }
        return value
    }

    private func draw(_ purpose: String, step: String, draws: inout Int) -> Draw {
        draws += 1
        return Draw(seed: self.seed, purpose: "\(purpose)#\(draws)", step: step, attempt: 1)
    }

    /// `${rand a b}`: a whole number between both, inclusive; with decimals when either has some.
    private static func random(_ arguments: [String], _ draw: inout Draw, _ node: Node) throws(StepFault) -> JSONValue {
        let cure = "write ${rand 1 6} or ${rand 0.0 1.0}"
        guard arguments.count == 2 else { throw node.fault("${rand} needs two numbers", cure) }
        let decimals = arguments.map { $0.split(separator: ".", omittingEmptySubsequences: false).dropFirst().first?.utf8.count ?? 0 }
        let digits = max(decimals[0], decimals[1])
        guard digits <= 9, let low = Self.shifted(arguments[0], digits), let high = Self.shifted(arguments[1], digits) else {
            throw node.fault("${rand \(arguments[0]) \(arguments[1])} is not two numbers", cure)
        }
        guard low <= high else { throw node.fault("${rand}: \(arguments[0]) is more than \(arguments[1])", "put the smaller one first") }
        let drawn = low &+ Int64(truncatingIfNeeded: draw.upTo(UInt64(bitPattern: high &- low)))
        return .number(Self.number(drawn, digits))
    }

    /// `text` times ten to the power of `digits`.
    private static func shifted(_ text: String, _ digits: Int) -> Int64? {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard JSONNumber(text: text) != nil, parts.count <= 2 else { return nil }
        let fraction = parts.count == 2 ? String(parts[1]) : ""
        return Int64(parts[0] + fraction + String(repeating: "0", count: digits - fraction.utf8.count))
    }

    private static func number(_ value: Int64, _ digits: Int) -> JSONNumber {
        guard digits > 0 else { return JSONNumber(value) }
        var text = String(value.magnitude)
        text = String(repeating: "0", count: max(0, digits + 1 - text.utf8.count)) + text
        let split = text.index(text.endIndex, offsetBy: -digits)
        let written = (value < 0 ? "-" : "") + text[..<split] + "." + text[split...]
        return JSONNumber(text: written) ?? JSONNumber(value)
    }

    /// `${seq n}` counts up by one at each use, in file order. `n` is where it starts, or the name of a sequence that starts at 1.
    private mutating func nextInSequence(_ arguments: [String], _ node: Node) throws(StepFault) -> Int64 {
        guard arguments.count == 1 else { throw node.fault("${seq} takes one argument", "write ${seq 1}") }
        let next = self.sequences[arguments[0]] ?? Int64(arguments[0]) ?? 1
        self.sequences[arguments[0]] = next + 1
        return next
    }
}
