import JSON

/// Reads the first object of a scenario file. Source: scheduler §16.2.
enum HeaderReader {
    private static let keys = [
        "scenario", "name", "profile", "seed", "clock", "vars", "laneBy", "lanes", "defaults", "disturb", "shape", "start", "timeLimit",
        "speed", "wallFloor", "slots", "jitter",
    ]

    static func read(
        _ written: Node, options: ScenarioOptions
    ) throws(StepFault) -> (settings: PlanSettings, variables: ScenarioVariables) {
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
        var settings = PlanSettings()
        if let seed = written["seed"] { settings.seed = UInt64(try seed.integer("seed", 0...Int64.max)) }
        settings.seed = options.seed ?? settings.seed
        var variables = ScenarioVariables(seed: settings.seed, runID: options.runID)
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
            guard let written = variables.named[name] else {
                let fault = "the file has no variable \"\(name)\" to set"
                throw (vars ?? header).fault(fault, NearestName.hint(for: name, among: variables.names))
            }
            // What is a text in the file stays one, even if it looks like a number.
            variables.define(name, written.string == nil ? (try? JSONValue(parsing: text)) ?? .string(text) : .string(text))
        }
    }

    private static func readRun(_ header: Node, _ settings: inout PlanSettings) throws(StepFault) {
        if let name = header["name"] { settings.name = try name.string("name") }
        if let profile = header["profile"] { settings.profile = try profile.word("profile", as: PlanSettings.Profile.self) }
        if let clock = header["clock"] {
            if clock.value.object != nil || clock.value.string?.hasPrefix("scaled") == true {
                throw clock.fault("not available yet: a scaled clock", "use \"real\" or \"virtual\"")
            }
            settings.clock = try clock.word("clock", as: PlanSettings.Clock.self)
        }
        for later in ["disturb", "shape"] {
            if let node = header[later], !node.value.isNull { throw node.keyFault("not available yet: \(later)", "remove it") }
        }
        if let start = header["start"] {
            try start.allowOnly(["snapshot"], in: "\"start\"")
            if let snapshot = start["snapshot"], try snapshot.string("snapshot") != "clean" {
                throw snapshot.fault("not available yet: a start from a snapshot", "use \"clean\"")
            }
        }
        if let limit = header["timeLimit"] { settings.timeLimit = try limit.duration("timeLimit") }
        if let speed = header["speed"] { settings.speed = try Self.speed(speed) }
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
        if let gate = node["gate"] { defaults.gates = try SettingsWords.gates(gate) }
        if let timeout = node["timeout"] {
            defaults.timeout = try timeout.duration("timeout")
            if defaults.timeout == .zero { throw timeout.fault("a timeout of 0 can never be met", "write for example \"5s\"") }
        }
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

    private static func speed(_ node: Node) throws(StepFault) -> Speed {
        if node.value.string == "max" { return .max }
        let cure = "write a number such as 10 or 0.5, or \"max\""
        let text = node.value.number?.text ?? ""
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        let fraction = parts.count == 2 ? String(parts[1]) : ""
        guard parts.count <= 2, parts[0].utf8.count <= 9, fraction.utf8.count <= 6, let numerator = Int64(parts[0] + fraction)
        else { throw node.fault("\(node.value.text) is not a speed", cure) }
        guard numerator > 0 else { throw node.fault("a speed must be more than 0", cure) }
        return .times(numerator, per: fraction.utf8.reduce(1) { scale, _ in scale * 10 })
    }
}
