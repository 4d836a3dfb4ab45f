import JSON
import Topics

/// The verbs of clients. Source: scheduler §16.4.
extension ScenarioReader {
    /// - Parameter written: the same with its variables.
    mutating func connect(_ body: Node, written: Node?, at place: SourcePlace) throws(StepFault) -> Step.Kind {
        try body.allowOnly(
            ["client", "id", "version", "clean", "expiry", "keepAlive", "will", "auth", "via", "reconnect"], in: "\"connect\"")
        let client = try self.clients.connect(body.required("client", in: "\"connect\""), place: place)
        if self.level.isTrial, let name = written?["client"]?.value.string, ScenarioVariables.mentionsPass(name) {
            self.clients.connectMore()
        }
        var spec = ConnectSpec(client: client)
        if let id = body["id"] { spec.id = try id.string("id") }
        if let version = body["version"] { spec.version = try Self.version(version) }
        if let clean = body["clean"] { spec.clean = try clean.bool("clean") }
        if let expiry = body["expiry"] { spec.expirySeconds = UInt32(try expiry.wholeSeconds("expiry", upTo: Int64(UInt32.max))) }
        if let keepAlive = body["keepAlive"] { spec.keepAliveSeconds = UInt16(try keepAlive.wholeSeconds("keepAlive", upTo: 65_535)) }
        if let will = body["will"] { spec.will = try self.will(will) }
        if let auth = body["auth"] {
            try auth.allowOnly(["user", "password"], in: "\"auth\"")
            spec.userName = try auth.required("user", in: "\"auth\"").string("user")
            if let password = auth["password"] { spec.password = try password.string("password") }
        }
        if let via = body["via"] {
            throw via.keyFault(
                "a client cannot choose its door: it enters by that of the profile, or by the URL of --target", "remove \"via\"")
        }
        if let reconnect = body["reconnect"] { spec.reconnects = try reconnect.bool("reconnect") }
        return .connect(spec)
    }

    mutating func disconnect(_ body: Node) throws(StepFault) -> Step.Kind {
        try body.allowOnly(["client", "reason"], in: "\"disconnect\"")
        let reason = try body["reason"].map { (node) throws(StepFault) in UInt8(try node.integer("reason", 0...255)) }
        let client = try self.clients.close(body.required("client", in: "\"disconnect\""), verb: "disconnect")
        return .disconnect(client: client, reason: reason)
    }

    mutating func drop(_ body: Node) throws(StepFault) -> Step.Kind {
        try body.allowOnly(["client", "how"], in: "\"drop\"")
        let how = try body["how"].map { (node) throws(StepFault) in try node.word("how", as: DropKind.self) }
        let client = try self.clients.close(body.required("client", in: "\"drop\""), verb: "drop")
        return .drop(client: client, how: how ?? .close)
    }

    func subscribe(_ body: Node) throws(StepFault) -> Step.Kind {
        try body.allowOnly(["client", "filters", "qos"], in: "\"sub\"")
        let client = try self.clients.opened(body.required("client", in: "\"sub\""))
        let qos = try body["qos"].map { (node) throws(StepFault) in UInt8(try node.integer("qos", 0...2)) }
        return .subscribe(client: client, filters: try Self.filters(body, "\"sub\""), qos: qos ?? self.settings.defaults.qos)
    }

    func unsubscribe(_ body: Node) throws(StepFault) -> Step.Kind {
        try body.allowOnly(["client", "filters"], in: "\"unsub\"")
        let client = try self.clients.opened(body.required("client", in: "\"unsub\""))
        return .unsubscribe(client: client, filters: try Self.filters(body, "\"unsub\""))
    }

    private func will(_ node: Node) throws(StepFault) -> ConnectSpec.Will {
        try node.allowOnly(["topic", "payload", "qos", "retain", "delay"], in: "\"will\"")
        let qos = try node["qos"].map { (node) throws(StepFault) in UInt8(try node.integer("qos", 0...2)) }
        let retain = try node["retain"].map { (node) throws(StepFault) in try node.bool("retain") }
        let delay = try node["delay"].map { (node) throws(StepFault) in
            UInt32(try node.wholeSeconds("delay", upTo: Int64(UInt32.max)))
        }
        return ConnectSpec.Will(
            topic: try Self.topicName(node.required("topic", in: "\"will\"")),
            payload: try self.payload(node.required("payload", in: "\"will\"")),
            qos: qos ?? self.settings.defaults.qos, retain: retain ?? false, delaySeconds: delay ?? 0)
    }

    private static func filters(_ body: Node, _ what: String) throws(StepFault) -> [TopicFilter] {
        let list = try body.required("filters", in: what)
        var filters: [TopicFilter] = []
        for node in try list.elements("filters") { filters.append(try Self.topicFilter(node)) }
        if filters.isEmpty { throw list.fault("\(what) has no filters", "name at least one") }
        return filters
    }

    static func topicFilter(_ node: Node) throws(StepFault) -> TopicFilter {
        let text = try node.string("a topic filter")
        do throws(TopicError) {
            return try TopicFilter(text)
        } catch {
            throw node.fault("\"\(text)\" is not a topic filter", error.text)
        }
    }

    static func topicName(_ node: Node) throws(StepFault) -> TopicName {
        let text = try node.string("topic")
        do throws(TopicError) {
            return try TopicName(text)
        } catch {
            throw node.fault("\"\(text)\" is not a topic", error.text)
        }
    }

    private static func version(_ node: Node) throws(StepFault) -> ConnectSpec.Version {
        let written = node.value.number?.text ?? node.value.string ?? node.value.kindText
        switch written {
        case "3", "3.1": return .v31
        case "4", "3.1.1": return .v311
        case "5", "5.0": return .v5
        default: throw node.fault("unknown MQTT version \(written)", "use 5, \"3.1.1\" (or 4) or \"3.1\" (or 3)")
        }
    }
}
