import JSON
import Timeline

/// Reads the first object of a scenario file. Source: scheduler §16.2.
enum HeaderReader {
    private static let keys = [
        "scenario", "name", "profile", "seed", "clock", "vars", "laneBy", "lanes", "defaults", "disturb", "shape", "start", "timeLimit",
        "speed", "wallFloor", "slots", "jitter", "quota",
    ]

    static func read(
        _ written: Node, options: ScenarioOptions
    ) throws(StepFault) -> (settings: PlanSettings, variables: ScenarioVariables) {
        try Self.checkFormat(written)
        var settings = PlanSettings()
        if let seed = written["seed"] { settings.seed = UInt64(try seed.integer("seed", 0...Int64.max)) }
        settings.seed = options.seed ?? settings.seed
        var variables = ScenarioVariables(seed: settings.seed, runID: options.runID, environment: options.environment)
        try Self.define(written, &variables, options: options)
        var header = written
        if ScenarioVariables.mentionsVariables(written.value) {
            var draws = 0
            header = Node(root: try variables.resolved(written, step: "header", draws: &draws))
        }
        try Self.readRun(header, &settings)
        try Self.readLanes(header, &settings)
        if let defaults = header["defaults"] { try Self.readDefaults(defaults, &settings.defaults) }
        return (settings, variables)
    }

    private static func checkFormat(_ written: Node) throws(StepFault) {
        guard let format = written["scenario"] else {
            throw written.fault("the first object is not a header", "start the file with {\"scenario\": 1}")
        }
        guard format.value.int64 == 1 else {
            throw format.fault("this file is of scenario format \(format.value.text), and only format 1 is known", "write \"scenario\": 1")
        }
        if let target = written["target"] {
            throw target.keyFault("a scenario cannot choose its target", "remove it and run with --target")
        }
        try written.allowOnly(Self.keys, in: "the header")
    }

    /// Takes in the header of an included file: its variables are added, and nothing in it may say something else than that of the
    /// scenario. Source: scheduler §16.4 `include`.
    static func include(
        _ written: Node, in outer: Node, _ settings: PlanSettings, _ variables: inout ScenarioVariables, options: ScenarioOptions
    ) throws(StepFault) {
        try Self.checkFormat(written)
        for (key, node) in try written.members("the header") where !["scenario", "name", "vars"].contains(key) && !key.hasPrefix("x-") {
            if node.value == outer[key]?.value { continue }
            switch key {
            case "profile" where node.value.string == settings.profile.rawValue: continue
            case "clock" where try Self.clock(node) == settings.clock: continue
            case "seed" where node.value.int64 == Int64(exactly: settings.seed) || options.seed != nil: continue
            case "profile", "clock", "seed":
                throw node.fault("this contradicts the scenario, whose \(key) is another", "remove it here")
            default:
                throw node.keyFault("the scenario that includes this file says nothing of the kind, or something else", "put it there")
            }
        }
        for (name, node) in try written["vars"]?.members("vars") ?? [] {
            try Self.checkVariableName(name, node)
            let known = outer["vars"]?[name]?.value ?? variables.value(name)
            if known != nil && known != node.value || variables.isCaptured(name) {
                throw node.keyFault("the variable \"\(name)\" has another value already", "give it one value, or another name")
            }
            if known == nil { variables.define(name, node.value) }
        }
    }

    static func checkVariableName(_ name: String, _ node: Node) throws(StepFault) {
        if ScenarioVariables.builtIn.contains(name) {
            throw node.keyFault("\"\(name)\" is a built-in variable", "choose another name")
        }
        let isPlain = name.utf8.allSatisfy { byte in
            (byte | 0x20 >= UInt8(ascii: "a") && byte | 0x20 <= UInt8(ascii: "z"))
                || (byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9"))
                || byte == UInt8(ascii: "_") || byte == UInt8(ascii: "-")
        }
        guard !name.isEmpty, isPlain else {
            throw node.keyFault("\"\(name)\" cannot be a variable's name", "use letters, digits, _ and -")
        }
    }

    private static func define(_ header: Node, _ variables: inout ScenarioVariables, options: ScenarioOptions) throws(StepFault) {
        let vars = header["vars"]
        for (name, node) in try vars?.members("vars") ?? [] {
            try Self.checkVariableName(name, node)
            variables.define(name, node.value)
        }
        for (name, text) in options.variables {
            guard let written = variables.value(name) else {
                let fault = "the file has no variable \"\(name)\" to set"
                throw (vars ?? header).fault(fault, NearestName.hint(for: name, among: variables.names))
            }
            variables.define(name, Self.value(of: text, like: written))
        }
    }

    /// What is a text in the file stays one, even if it looks like a number.
    private static func value(of text: String, like written: JSONValue) -> JSONValue {
        written.string == nil ? (try? JSONValue(parsing: text)) ?? .string(text) : .string(text)
    }

    private static func readRun(_ header: Node, _ settings: inout PlanSettings) throws(StepFault) {
        if let name = header["name"] { settings.name = try name.string("name") }
        if let profile = header["profile"] { settings.profile = try profile.word("profile", as: PlanSettings.Profile.self) }
        if let clock = header["clock"] { settings.clock = try Self.clock(clock) }
        for later in ["disturb", "shape"] {
            if let node = header[later], !node.value.isNull { throw node.keyFault("not available yet: \(later)", "remove it") }
        }
        if let start = header["start"] {
            try start.allowOnly(["snapshot"], in: "\"start\"")
            if let snapshot = start["snapshot"] {
                settings.start = snapshot.value.string == "clean" ? .clean : .snapshot(try ScenarioFiles.path(snapshot, "snapshot"))
            }
        }
        if let quota = header["quota"] { settings.quotas.mode = try quota.word("quota", as: QuotaSettings.Mode.self) }
        if let limit = header["timeLimit"] { settings.timeLimit = try limit.duration("timeLimit") }
        if let speed = header["speed"] { settings.speed = try SettingsWords.speed(speed) }
        if let floor = header["wallFloor"] { settings.wallFloor = try floor.duration("wallFloor") }
        if let slots = header["slots"] { settings.slots = Int(try slots.integer("slots", 1...10_000)) }
        if let jitter = header["jitter"] { settings.jitter = try SettingsWords.jitter(jitter) }
    }

    private static func readLanes(_ header: Node, _ settings: inout PlanSettings) throws(StepFault) {
        if let rule = header["laneBy"] { settings.laneBy = try rule.word("laneBy", as: LaneRule.self) }
        for (key, node) in try header["lanes"]?.members("lanes") ?? [] {
            if key.isEmpty || key.dropLast().contains("*") {
                throw node.keyFault("\"\(key)\" is no lane", "write a lane's key, or a prefix with one * at its end")
            }
            try node.allowOnly(["minGap", "settle", "slots", "jitter", "onFail", "late"], in: "a lane")
            var lane = LaneSettings()
            if let minGap = node["minGap"] { lane.minGap = try minGap.duration("minGap") }
            if let settle = node["settle"] { lane.settle = try settle.duration("settle") }
            if let slots = node["slots"] { lane.slots = Int(try slots.integer("slots", 1...10_000)) }
            if let jitter = node["jitter"] { lane.jitter = try SettingsWords.jitter(jitter) }
            if let onFail = node["onFail"] { lane.onFail = try SettingsWords.onFail(onFail) }
            if let late = node["late"] { lane.late = try SettingsWords.late(late) }
            settings.lanes[key] = lane
        }
    }

    private static func readDefaults(_ node: Node, _ defaults: inout PlanSettings.Defaults) throws(StepFault) {
        try node.allowOnly(["qos", "gate", "timeout", "within", "onFail", "late", "as", "jitter", "stampToken"], in: "\"defaults\"")
        if let qos = node["qos"] { defaults.qos = UInt8(try qos.integer("qos", 0...2)) }
        if let gate = node["gate"] { defaults.gates = try Self.defaultGates(gate) }
        if let timeout = node["timeout"] { defaults.timeout = try SettingsWords.timeout(timeout) }
        if let within = node["within"] { defaults.within = try within.duration("within") }
        if let onFail = node["onFail"] { defaults.onFail = try SettingsWords.onFail(onFail) }
        if let late = node["late"] { defaults.late = try SettingsWords.late(late) }
        if let publisher = node["as"] {
            let name = try publisher.string("as")
            defaults.publisher = name == "service" ? .service : .client(name)
        }
        if let jitter = node["jitter"] { defaults.jitter = try SettingsWords.jitter(jitter) }
        if let stamp = node["stampToken"] { defaults.stampsToken = try stamp.bool("stampToken") }
    }

    private static func defaultGates(_ node: Node) throws(StepFault) -> Gates {
        let words = try GateWords(node) { (match) throws(StepFault) in
            throw match.keyFault("the gate \"match\" stands at a step, not in the defaults", "move it to the steps it is for")
        }
        if words.quiet != nil {
            throw node.fault("the gate \"quiet\" stands at a step, not in the defaults", "move it to the steps it is for")
        }
        return words.gates
    }

    /// `"real"`, `"virtual"`, `"scaled(10)"`, `{"scaled": 10}`.
    private static func clock(_ node: Node) throws(StepFault) -> PlanSettings.Clock {
        let cure = "write \"real\", \"virtual\" or {\"scaled\": 10}; the factor lies between 0.001 and 1000000"
        guard node.value.object != nil else {
            let word = try node.string("clock")
            if let clock = PlanSettings.Clock(word) { return clock }
            let nearest = NearestName.of(word, among: ["real", "virtual"])
            throw node.fault("unknown clock \"\(word)\"", nearest.map { "did you mean \"\($0)\"?" } ?? cure)
        }
        try node.allowOnly(["scaled"], in: "\"clock\"")
        let factor = try node.required("scaled", in: "\"clock\"")
        guard let value = TimeFactor(factor.value.number?.text ?? "") else {
            throw factor.fault("a clock cannot run \(factor.value.text) times as fast as real time", cure)
        }
        return .scaled(value)
    }
}
