import JSON

/// A sequence of steps in the form that `fmt` gives them: keys in order, times in one style. Their meaning stays what it was.
struct CanonicalSteps {
    /// A pause that the next step may take in.
    private struct Pause {
        var object: JSONObject
        var duration: Duration?
    }

    private let isInBlock: Bool
    private var times: PlannedTimes
    private var pauses: [Pause] = []

    init(_ style: ScenarioFormat.Times, isInBlock: Bool = false) {
        self.times = PlannedTimes(style)
        self.isInBlock = isInBlock
    }

    /// Takes in a step or a pause.
    /// - Returns: what is to be written now, in order: pauses before it that are still needed, and the step itself.
    mutating func add(_ node: Node) throws(StepFault) -> [JSONObject] {
        let verb = try StepVerb.of(node)
        var object = try node.object("a step")
        if let wait = node["wait"], node["at"] != nil {
            throw wait.keyFault("a step has either \"at\" or \"wait\", not both", "remove one of them")
        }
        guard let verb else {
            let duration = try Self.timed(node) { () throws(ScenarioDuration.Fault) in try self.times.pause(object) }
            self.pauses.append(Pause(object: object, duration: duration))
            return self.times.style == .at && object.count == 1 ? [] : self.finish()
        }
        try verb.checkKeys(node)
        let mayHaveTime = !(self.isInBlock && verb == .include)
        let style = self.times.style
        var written = mayHaveTime ? [] : self.finish()
        let takesPauses = try Self.timed(node) { () throws(ScenarioDuration.Fault) in
            mayHaveTime ? try self.times.rewrite(&object) : false
        }
        if style == .at, takesPauses { self.pauses = [] }
        written += self.finish()
        // How long those take is known only when they run, or stands in another file.
        if verb == .repeat || verb == .par || verb == .include { self.times.loseTrack() }
        return written + [try Self.ordered(object, verb, node, style)]
    }

    /// Nothing more comes.
    /// - Returns: what is still to be written.
    mutating func finish() -> [JSONObject] {
        defer { self.pauses = [] }
        for pause in self.pauses { self.times.keep(pause.duration) }
        return self.pauses.map(\.object)
    }

    private static func timed<Value>(
        _ node: Node, _ body: () throws(ScenarioDuration.Fault) -> Value
    ) throws(StepFault) -> Value {
        do throws(ScenarioDuration.Fault) {
            return try body()
        } catch {
            let key = node["at"] == nil ? "wait" : "at"
            throw (node[key] ?? node).fault("\(key): \(error.text)", ScenarioDuration.Fault.cure)
        }
    }

    // MARK: Keys

    private static func ordered(_ step: JSONObject, _ verb: StepVerb, _ node: Node, _ style: ScenarioFormat.Times) throws(StepFault)
        -> JSONObject
    {
        var step = step
        // Which draw gets which number is decided by their order in the step.
        let isFree = Self.draws(in: .object(Self.withoutBodies(step, verb))) < 2
        if let body = node[verb.name] { step[verb.name] = try Self.body(of: verb, body, style, isFree: isFree) }
        return isFree ? KeyOrder.sorted(step, KeyOrder.step) : step
    }

    private static func body(
        of verb: StepVerb, _ node: Node, _ style: ScenarioFormat.Times, isFree: Bool
    ) throws(StepFault) -> JSONValue {
        if verb == .par { return .array(try node.elements("par").map { (branch) throws(StepFault) in try Self.steps(branch, style) }) }
        if verb == .order, isFree {
            return .array(try node.elements("order").map { (match) throws(StepFault) in Self.sorted(match.value, KeyOrder.match) })
        }
        guard var object = node.value.object else { return node.value }
        if isFree {
            for (key, ranks) in [("will", KeyOrder.will), ("match", KeyOrder.match)] {
                if let value = object[key], verb == .connect || verb == .on { object[key] = Self.sorted(value, ranks) }
            }
            if let ranks = KeyOrder.body(of: verb.name) { object = KeyOrder.sorted(object, ranks) }
        }
        for key in ["do", "then"] where verb.holdsSteps {
            if let steps = node[key] { object[key] = try Self.steps(steps, style) }
        }
        return .object(object)
    }

    private static func steps(_ node: Node, _ style: ScenarioFormat.Times) throws(StepFault) -> JSONValue {
        var steps = CanonicalSteps(style, isInBlock: true)
        var written: [JSONObject] = []
        for step in try node.elements("steps") { written += try steps.add(step) }
        written += steps.finish()
        return .array(written.map { .object($0) })
    }

    static func sorted(_ value: JSONValue, _ ranks: [JSONKey: Int]) -> JSONValue {
        value.object.map { .object(KeyOrder.sorted($0, ranks)) } ?? value
    }

    // MARK: Draws

    private static func withoutBodies(_ step: JSONObject, _ verb: StepVerb) -> JSONObject {
        guard verb.holdsSteps else { return step }
        var step = step
        if verb == .par { step["par"] = nil }
        if var body = step[verb.name]?.object {
            body["do"] = nil
            body["then"] = nil
            step[verb.name] = .object(body)
        }
        return step
    }

    /// How many random values and numbers of sequences the texts of a value take.
    static func draws(in value: JSONValue) -> Int {
        switch value {
        case .string(let text): Self.draws(in: text)
        case .array(let elements): elements.reduce(0) { $0 + Self.draws(in: $1) }
        case .object(let object): object.reduce(0) { $0 + Self.draws(in: $1.key) + Self.draws(in: $1.value) }
        case .null, .bool, .number: 0
        }
    }

    private static func draws(in text: String) -> Int {
        guard text.utf8.contains(UInt8(ascii: "$")) else { return 0 }
        return ["uuid", "rand", "pick", "seq"].reduce(0) { $0 + text.ranges(of: "${\($1)").count }
    }
}
