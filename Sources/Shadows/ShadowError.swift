package import JSON

/// How a request came in; some texts of the service differ.
package enum ShadowTransport: Hashable, Sendable {
    case mqtt, rest
}

/// Why the service refuses a request (Developer Guide, "Device Shadow error messages"; texts from captures where there are any).
package enum ShadowError: Error, Equatable, Sendable {
    case missingPayload
    case invalidJSON(JSONError)
    case missingState
    case stateNotAnObject
    case desiredNotAnObject
    case reportedNotAnObject
    case invalidNode(key: String)
    /// The path of the array below `state`, as a JSON pointer.
    case nullInArray(pointer: String)
    case invalidVersion(text: String)
    case invalidClientToken(bytes: Int?)
    case tooDeep(levels: Int, maximum: Int)
    case unauthorized
    case forbidden
    case thingNotFound
    case noShadow(ShadowID)
    case versionConflict(sent: Int64, current: Int64)
    case tooLarge(bytes: Int, maximum: Int)
    case notUTF8
    /// Which limit of rates or counts it met, in words.
    case tooManyRequests(why: String)
    case internalFailure

    /// `code` of the rejected document, and the HTTP status.
    package var code: Int {
        switch self {
        case .missingPayload, .invalidJSON, .missingState, .stateNotAnObject, .desiredNotAnObject, .reportedNotAnObject, .invalidNode,
            .nullInArray, .invalidVersion, .invalidClientToken, .tooDeep:
            400
        case .unauthorized: 401
        case .forbidden: 403
        case .thingNotFound, .noShadow: 404
        case .versionConflict: 409
        case .tooLarge: 413
        case .notUTF8: 415
        case .tooManyRequests: 429
        case .internalFailure: 500
        }
    }

    /// `message` of the rejected document. Do not reword: these are the service's texts.
    package func message(over transport: ShadowTransport, rules: ShadowRules = .aws) -> String {
        switch self {
        case .missingPayload: "Missing update payload"
        case .invalidJSON: Self.invalidJSONText(over: transport)
        case .missingState: "Missing required node: state"
        case .stateNotAnObject: "State node must be an object"
        case .desiredNotAnObject: "Desired node must be an object"
        case .reportedNotAnObject: "Reported node must be an object"
        case .invalidNode(let key): "State contains an invalid node: '\(key)'"
        case .nullInArray(let pointer):
            switch rules.switches.nullInArrayText {
            case .invalidNode: "State contains an invalid node: '\(Self.lastKey(of: pointer))'"
            case .invalidJSON: Self.invalidJSONText(over: transport)
            }
        case .invalidVersion: "Invalid version"
        case .invalidClientToken: "Invalid clientToken"
        case .tooDeep: "JSON contains too many levels of nesting; maximum is \(rules.switches.printedDepth)"
        case .unauthorized: "Unauthorized"
        case .forbidden: "Forbidden"
        case .thingNotFound: "Thing not found"
        case .noShadow(let id): "No shadow exists with name: '\(Self.name(of: id, over: transport))'"
        case .versionConflict: "Version conflict"
        case .tooLarge: "The payload exceeds the maximum size allowed"
        case .notUTF8: "Unsupported documented encoding; supported encoding is UTF-8"
        case .tooManyRequests: transport == .mqtt ? "TOO_MANY_REQUESTS" : "The rate exceeds the limit."
        case .internalFailure: "Internal service failure"
        }
    }

    /// The modelled exception of the REST API (botocore `iot-data`), for `x-amzn-ErrorType`.
    package var exceptionName: String {
        switch self.code {
        case 401: "UnauthorizedException"
        case 403: "ForbiddenException"
        case 404: "ResourceNotFoundException"
        case 409: "ConflictException"
        case 413: "RequestEntityTooLargeException"
        case 415: "UnsupportedDocumentEncodingException"
        case 429: "ThrottlingException"
        case 500: "InternalFailureException"
        default: "InvalidRequestException"
        }
    }

    /// What happened in words, for logs and the control API: the evidence the service's own text leaves out.
    package var explanation: String {
        switch self {
        case .missingPayload: "an update needs a JSON document with a 'state' object; the payload was empty"
        case .invalidJSON(let error): "the payload is not JSON: \(error.text)"
        case .missingState: "the document has no 'state' at its top level"
        case .stateNotAnObject: "'state' must be an object or null"
        case .desiredNotAnObject: "'state.desired' must be an object or null"
        case .reportedNotAnObject: "'state.reported' must be an object or null"
        case .invalidNode(let key): "'state' may hold only 'desired' and 'reported', not '\(key)'"
        case .nullInArray(let pointer): "the array at state\(pointer) holds a null, which shadows cannot store"
        case .invalidVersion(let text): "'version' \(text) cannot be the version of this shadow; send a whole number or leave it out"
        case .invalidClientToken(let bytes?): "'clientToken' has \(bytes) bytes, more than allowed"
        case .invalidClientToken(nil): "'clientToken' must be a string"
        case .tooDeep(let levels, let maximum): "the document is nested \(levels) levels deep, \(maximum) are allowed"
        case .unauthorized: "the request is not signed by a known principal"
        case .forbidden: "the principal may not do this"
        case .thingNotFound: "there is no such thing"
        case .noShadow(let id): "there is no shadow \(id.topicPrefix); the first update creates it"
        case .versionConflict(let sent, let current): "the request names version \(sent), the shadow is at \(current)"
        case .tooLarge(let bytes, let maximum): "desired and reported together would have \(bytes) bytes, \(maximum) are allowed"
        case .notUTF8: "the payload is not UTF-8"
        case .tooManyRequests(let why): why
        case .internalFailure: "the service failed"
        }
    }

    private static func invalidJSONText(over transport: ShadowTransport) -> String {
        transport == .mqtt ? "Invalid JSON" : "Payload contains invalid json"
    }

    /// Over REST a named shadow is `thing~shadow`, over MQTT its own name; a classic one is its thing's.
    private static func name(of id: ShadowID, over transport: ShadowTransport) -> String {
        switch (id.name, transport) {
        case (nil, _): id.thing.text
        case (let name?, .mqtt): name.text
        case (let name?, .rest): "\(id.thing.text)~\(name.text)"
        }
    }

    /// The nearest member name at or above the array.
    private static func lastKey(of pointer: String) -> String {
        JSONPointer.tokens(of: pointer)?.last { Int($0) == nil } ?? pointer
    }
}
