import JSON
import Shadows
import Timeline

/// Payloads that the service will not take: too long, or no document of a shadow. Source: scheduler §12; device-shadow §9, §10.
struct PayloadCheck {
    private let settings: PlanSettings
    private let maximumBytes: Int?

    init(_ settings: PlanSettings) {
        self.settings = settings
        self.maximumBytes = ProfileLimits(settings.profile).payloadBytes
    }

    func look(at written: WrittenStep, _ findings: inout Findings) {
        switch written.step.kind {
        case .connect(let spec):
            if let will = spec.will { self.checkSize(will.payload, written.node["connect"]?["will"]?["payload"], written, &findings) }
        case .publish(let publication):
            let body = written.node[written.step.verb]
            let node = body?["payload"] ?? body?["raw"] ?? body
            if self.checkSize(publication.payload, node, written, &findings), let node {
                self.checkDocument(publication, node, written, &findings)
            }
        case .disconnect, .drop, .subscribe, .unsubscribe, .expect, .never, .order, .shadowIs, .react, .block, .clock, .mark, .note:
            break
        }
    }

    /// - Returns: whether the size is right, as far as it is known.
    @discardableResult
    private func checkSize(_ payload: Payload, _ node: Node?, _ written: WrittenStep, _ findings: inout Findings) -> Bool {
        guard let maximumBytes, let node, let count = payload.knownCount, count > maximumBytes else { return true }
        let profile = self.settings.profile.rawValue
        findings.add(
            .error, written,
            node.fault("this payload has \(count) bytes, and the profile \(profile) takes \(maximumBytes)", "make it shorter"))
        return false
    }

    /// Asks the shadow service itself, about a shadow that does not exist yet.
    private func checkDocument(_ publication: Publication, _ node: Node, _ written: WrittenStep, _ findings: inout Findings) {
        guard let request = publication.shadow, publication.expectedRejection == nil, let payload = publication.payload.knownBytes else {
            return
        }
        var store = ShadowStore()
        let outcome = store.handle(
            ShadowRequest(id: request.id, operation: request.operation), payload: Self.withoutVersion(payload),
            now: WallTime(secondsSinceEpoch: 0))
        guard let rejection = outcome.rejection, !rejection.isOfState else { return }
        let lane = LaneRule.key(of: written.step, by: self.settings.laneBy) ?? ""
        let isAwaited = !self.settings.gates(of: written.step, laneKey: lane).isDisjoint(with: .ofShadows)
        let what =
            "the shadow service will reject this with \(rejection.code) \"\(rejection.message(over: .mqtt))\": \(rejection.explanation)"
        findings.add(
            isAwaited ? .error : .warning, written,
            Self.place(of: rejection, node).fault(what, "change it, or say that this is meant: \"expectReject\": \(rejection.code)"))
    }

    private static func place(of rejection: ShadowError, _ node: Node) -> Node {
        switch rejection {
        case .nullInArray(let pointer):
            let tokens = JSONPointer.tokens(of: pointer) ?? []
            return tokens.reduce(node) { node, token in node[token] ?? node }
        case .invalidClientToken: return node["token"] ?? node["clientToken"] ?? node
        case .invalidVersion: return node["version"] ?? node
        case .missingPayload, .invalidJSON, .missingState, .stateNotAnObject, .desiredNotAnObject, .reportedNotAnObject, .invalidNode,
            .tooDeep,
            .unauthorized, .forbidden, .thingNotFound, .noShadow, .versionConflict, .tooLarge, .notUTF8, .tooManyRequests, .internalFailure:
            return node
        }
    }

    /// Which version is right is known only when it runs.
    private static func withoutVersion(_ payload: [UInt8]) -> [UInt8] {
        guard case .object(var document)? = try? JSONValue(parsing: payload), document["version"]?.int64 ?? -1 >= 0 else { return payload }
        document["version"] = nil
        return JSONValue.object(document).utf8
    }
}

extension ShadowError {
    /// Whether it speaks of what the shadow is when the request comes, and not of the request.
    fileprivate var isOfState: Bool {
        switch self {
        case .noShadow, .versionConflict, .unauthorized, .forbidden, .thingNotFound, .tooManyRequests, .internalFailure: true
        case .missingPayload, .invalidJSON, .missingState, .stateNotAnObject, .desiredNotAnObject, .reportedNotAnObject, .invalidNode,
            .nullInArray, .invalidVersion, .invalidClientToken, .tooDeep, .tooLarge, .notUTF8:
            false
        }
    }
}

extension Payload {
    /// The bytes, where nothing has to be filled in while the plan runs.
    fileprivate var knownBytes: [UInt8]? {
        switch self {
        case .bytes(let bytes): bytes
        case .json(let value, isLate: false): value.utf8
        case .json(_, isLate: true), .lateText, .seeded: nil
        }
    }

    fileprivate var knownCount: Int? {
        if case .seeded(let count) = self { count } else { self.knownBytes?.count }
    }
}
