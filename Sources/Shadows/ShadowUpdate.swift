import JSON

/// A refusal together with the token its answer repeats.
struct ShadowRejection: Error {
    let error: ShadowError
    let clientToken: String?
}

/// An `update` document that passed every check that needs no shadow.
///
/// Order of checks: encoding, JSON, schema, token, nesting (device-shadow §9); version, merge and size follow in the store.
struct ShadowUpdate {
    /// `null`, or an object with `desired` and `reported` only, each an object or null.
    let state: JSONValue
    let clientToken: String?
    /// The raw `version`, nil when absent or null.
    private let writtenVersion: JSONValue?

    /// - Parameter payload: as sent.
    init(_ payload: UnsafeRawBufferPointer, _ rules: ShadowRules) throws(ShadowRejection) {
        let document = try Self.parse(payload, rules)
        guard case .object(let object) = document else {
            switch rules.switches.nonObjectUpdate {
            case .missingState: throw ShadowRejection(error: .missingState, clientToken: nil)
            case .invalidJSON:
                let found = payload.first { $0 > 0x20 } ?? 0
                let error = JSONError(kind: .unexpectedByte(found, expected: .object), position: .start)
                throw ShadowRejection(error: .invalidJSON(error), clientToken: nil)
            }
        }
        let token = ClientToken(object["clientToken"], rules)
        do throws(ShadowError) {
            self.state = try Self.checkedState(object["state"])
            try token.check()
            try SectionInspection(rules: rules).inspect(self.state)
        } catch {
            throw ShadowRejection(error: error, clientToken: token.echo(rules))
        }
        self.clientToken = token.text
        self.writtenVersion = object["version"].flatMap { $0.isNull ? nil : $0 }
    }

    /// The version the request insists on; nil when it names none.
    func version() throws(ShadowRejection) -> Int64? {
        guard let written = self.writtenVersion else { return nil }
        if let version = written.int64, version >= 0 { return version }
        throw ShadowRejection(error: .invalidVersion(text: written.text), clientToken: self.clientToken)
    }

    private static func parse(_ payload: UnsafeRawBufferPointer, _ rules: ShadowRules) throws(ShadowRejection) -> JSONValue {
        if payload.isEmpty, rules.switches.emptyUpdate == .missingPayload {
            throw ShadowRejection(error: .missingPayload, clientToken: nil)
        }
        do {
            return try JSONValue(parsing: payload, limits: JSONLimits(maximumDepth: rules.limits.textDepth))
        } catch {
            switch error.kind {
            case .invalidUTF8:
                throw ShadowRejection(error: .notUTF8, clientToken: nil)
            case .tooDeep(let levels):
                throw ShadowRejection(error: .tooDeep(levels: levels, maximum: rules.limits.documentDepth), clientToken: nil)
            case .unexpectedEnd, .unexpectedByte, .leadingZero, .loneSurrogate, .controlCharacter, .tooMany, .tooLong, .unreadable:
                throw ShadowRejection(error: .invalidJSON(error), clientToken: nil)
            }
        }
    }

    private static func checkedState(_ state: JSONValue?) throws(ShadowError) -> JSONValue {
        guard let state else { throw .missingState }
        if state.isNull { return state }
        guard case .object(let sections) = state else { throw .stateNotAnObject }
        if let desired = sections["desired"], desired.object == nil, !desired.isNull { throw .desiredNotAnObject }
        if let reported = sections["reported"], reported.object == nil, !reported.isNull { throw .reportedNotAnObject }
        for member in sections.members where member.key != Self.desired && member.key != Self.reported {
            throw .invalidNode(key: member.key.text)
        }
        return state
    }

    static let desired = JSONKey("desired")
    static let reported = JSONKey("reported")
}

/// The `clientToken` of a request, if it may be repeated.
struct ClientToken {
    private enum Found {
        case none
        case usable(String)
        case tooLong(String)
        case notAString
    }

    private let found: Found

    init(_ value: JSONValue?, _ rules: ShadowRules) {
        switch value {
        case nil:
            self.found = .none
        case .string(let text)?:
            self.found = text.utf8.count <= rules.limits.clientTokenBytes ? .usable(text) : .tooLong(text)
        case .null?:
            self.found = rules.switches.nullClientToken == .ignore ? .none : .notAString
        case .bool?, .number?, .array?, .object?:
            self.found = rules.switches.nonStringClientToken == .ignore ? .none : .notAString
        }
    }

    var text: String? {
        if case .usable(let text) = self.found { text } else { nil }
    }

    func check() throws(ShadowError) {
        switch self.found {
        case .none, .usable: return
        case .tooLong(let text): throw .invalidClientToken(bytes: text.utf8.count)
        case .notAString: throw .invalidClientToken(bytes: nil)
        }
    }

    /// What a rejection repeats.
    func echo(_ rules: ShadowRules) -> String? {
        if case .tooLong(let text) = self.found, rules.switches.echoesInvalidClientToken { return text }
        return self.text
    }
}
