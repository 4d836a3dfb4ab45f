import JSON
import Shadows
import Topics

/// `pub` and the shadow requests. Source: scheduler §16.4.
extension ScenarioReader {
    func publish(_ body: Node, step: Node) throws(StepFault) -> Step.Kind {
        try body.allowOnly(["topic", "payload", "qos", "retain", "props"], in: "\"pub\"")
        let topicNode = try body.required("topic", in: "\"pub\"")
        let topic = try topicNode.lateString("topic")
        var shadow: ShadowTopic?
        if !LateText.isLate(topic) {
            _ = try Self.topicName(topicNode)
            shadow = ShadowTopic(topic).flatMap { $0.isRequest ? $0 : nil }
        }
        guard let payload = body["payload"] else {
            throw body.fault("\"pub\" needs \"payload\"", "an empty one is {\"text\": \"\"}")
        }
        var publication = Publication(
            publisher: try self.publisher(step), topic: topic, payload: try self.payload(payload),
            qos: self.settings.defaults.qos, shadow: shadow)
        if let qos = body["qos"] { publication.qos = UInt8(try qos.integer("qos", 0...2)) }
        if let retain = body["retain"] { publication.retain = try retain.bool("retain") }
        if let props = body["props"] {
            publication.properties = try PropertyWords.read(props)
            if publication.publisher == .service {
                throw props.keyFault("properties need a client: what the service publishes has none", "add \"as\" with a client of MQTT 5")
            }
        }
        try self.addAnswerOptions(step, to: &publication)
        return .publish(publication)
    }

    func update(_ body: Node, step: Node) throws(StepFault) -> Step.Kind {
        try body.allowOnly(["thing", "shadow", "desired", "reported", "version", "token", "raw"], in: "\"update\"")
        guard let raw = body["raw"] else {
            let isAutomatic = body["version"]?.value.string == "auto"
            return try self.shadowRequest(.update, body, try Self.updatePayload(body), isAutomatic: isAutomatic, step: step)
        }
        for other in ["desired", "reported", "version", "token"] {
            if let other = body[other] { throw other.keyFault("\"raw\" is the whole payload", "remove the other parts") }
        }
        return try self.shadowRequest(.update, body, try self.payload(raw), step: step)
    }

    /// `get` or `delete`.
    func shadowRequest(_ operation: ShadowTopic.Operation, _ body: Node, step: Node) throws(StepFault) -> Step.Kind {
        try body.allowOnly(["thing", "shadow", "token"], in: "\"\(operation.text)\"")
        var document = JSONObject()
        if let token = body["token"] { document["clientToken"] = .string(try token.lateString("token")) }
        return try self.shadowRequest(operation, body, Self.json(.object(document)), step: step)
    }

    private func shadowRequest(
        _ operation: ShadowTopic.Operation, _ body: Node, _ payload: Payload, isAutomatic: Bool = false, step: Node
    ) throws(StepFault) -> Step.Kind {
        let topic = ShadowTopic(id: try Self.shadowID(body, "\"\(operation.text)\""), operation: operation)
        var publication = Publication(
            publisher: try self.publisher(step), topic: topic.text, payload: payload, qos: self.settings.defaults.qos, shadow: topic)
        publication.hasAutomaticVersion = isAutomatic
        try self.addAnswerOptions(step, to: &publication)
        return .publish(publication)
    }

    private static func updatePayload(_ body: Node) throws(StepFault) -> Payload {
        var state = JSONObject()
        var document = JSONObject()
        for (key, node) in try body.members("\"update\"") where key == "desired" || key == "reported" { state[key] = node.value }
        if state.isEmpty { throw body.fault("\"update\" changes nothing", "give \"desired\", \"reported\" or \"raw\"") }
        document["state"] = .object(state)
        if let version = body["version"], version.value.string != "auto" { document["version"] = version.value }
        if let token = body["token"] { document["clientToken"] = .string(try token.lateString("token")) }
        return Self.json(.object(document))
    }

    static func shadowID(_ body: Node, _ what: String) throws(StepFault) -> ShadowID {
        let thing = try body.required("thing", in: what)
        guard let thingName = ThingName(try thing.string("thing")) else {
            throw thing.fault("\(thing.value.text) is not a thing's name", "use 1 to 128 of a-z A-Z 0-9 : _ -")
        }
        guard let shadow = body["shadow"] else { return ShadowID(thing: thingName) }
        guard let shadowName = ShadowName(try shadow.string("shadow")) else {
            throw shadow.fault(
                "\(shadow.value.text) is not a shadow's name", "use 1 to 64 of $ a-z A-Z 0-9 : _ -, or leave it out for the classic shadow")
        }
        return ShadowID(thing: thingName, name: shadowName)
    }

    /// `as`, the plan's default, or the service.
    func publisher(_ step: Node) throws(StepFault) -> Publisher {
        guard let node = step["as"] else {
            let publisher = self.settings.defaults.publisher ?? .service
            if case .client(let name) = publisher { _ = try self.clients.opened(step.child(.string(name), "as")) }
            guard self.options.isRemote, publisher == .service else { return publisher }
            throw step.fault("this step has no publisher, and nothing can be injected into a remote target", "add \"as\" with a client")
        }
        let name = try node.string("as")
        if name == "service" {
            if self.options.isRemote {
                throw node.fault("\"service\" cannot publish: nothing can be injected into a remote target", "name a client")
            }
            return .service
        }
        if name.hasPrefix("adopt:") { throw node.fault("not available yet: adopt", "connect a client of the scenario") }
        return .client(try self.clients.opened(node))
    }

    private func addAnswerOptions(_ step: Node, to publication: inout Publication) throws(StepFault) {
        publication.stampsToken = self.settings.defaults.stampsToken
        if let stamp = step["stampToken"] { publication.stampsToken = try stamp.bool("stampToken") }
        guard let node = step["expectReject"] else { return }
        guard publication.shadow != nil else {
            throw node.keyFault("\"expectReject\" waits for a shadow's answer, and this step is no shadow request", "remove it")
        }
        if let text = node.value.string, !text.isEmpty {
            publication.expectedRejection = .text(try node.string("expectReject"))
        } else {
            publication.expectedRejection = .code(Int(try node.integer("expectReject", 400...599)))
        }
    }

    // MARK: Payloads

    private static let payloadForms = ["text", "b64", "hex", "file", "size", "json"]
    private static let longestPayload: Int64 = 268_435_455

    /// Any JSON value, or one of the forms. Source: scheduler §16.4 "Payload forms".
    func payload(_ node: Node) throws(StepFault) -> Payload {
        guard let object = node.value.object, object.count == 1, let key = object.keys.first, Self.payloadForms.contains(key),
            let form = node[key]
        else { return Self.json(node.value) }
        switch key {
        case "text":
            let text = try form.lateString("text")
            return LateText.isLate(text) ? .lateText(text) : .bytes(Array(text.utf8))
        case "b64":
            return .bytes(try BinaryText.base64(form))
        case "hex":
            return .bytes(try BinaryText.hex(form))
        case "file":
            return .bytes(try self.contents(form))
        case "size":
            return .seeded(count: Int(try form.integer("size", 0...Self.longestPayload)))
        default:
            return Self.json(form.value)
        }
    }

    private static func json(_ value: JSONValue) -> Payload {
        LateText.isLate(value) ? .json(value, isLate: true) : .json(value, isLate: false)
    }

    private func contents(_ node: Node) throws(StepFault) -> [UInt8] {
        let path = try ScenarioFiles.path(node, "file")
        guard let bytes = self.readFile(path) else {
            throw node.fault("\"\(path)\" cannot be read", "put the file below the scenario's folder")
        }
        return bytes
    }
}
