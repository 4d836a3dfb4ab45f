import HTTPTypes
import JSON

/// An exception of the service's API reference: the name that SDKs make a class of, and its status.
struct ServiceException: Equatable, Sendable {
    let name: String
    let status: HTTPResponse.Status

    init(_ name: String, _ status: HTTPResponse.Status) {
        self.name = name
        self.status = status
    }

    static let invalidRequest = ServiceException("InvalidRequestException", .badRequest)
    static let unauthorized = ServiceException("UnauthorizedException", .unauthorized)
    static let forbidden = ServiceException("ForbiddenException", .forbidden)
    static let notFound = ServiceException("ResourceNotFoundException", .notFound)
    static let methodNotAllowed = ServiceException("MethodNotAllowedException", .methodNotAllowed)
    /// Not modelled by the service; SDKs know the name and try again.
    static let requestTimeout = ServiceException("RequestTimeoutException", .requestTimeout)
    static let contentTooLarge = ServiceException("RequestEntityTooLargeException", .contentTooLarge)
    /// Of an operation that is not built. Not modelled by the service; SDKs neither take it for a missing resource nor try again.
    static let notImplemented = ServiceException("NotImplementedException", .notImplemented)
    static let gatewayTimeout = ServiceException("GatewayTimeoutException", .gatewayTimeout)
    static let internalFailure = ServiceException("InternalFailureException", .internalServerError)
    static let serviceUnavailable = ServiceException("ServiceUnavailableException", .serviceUnavailable)
    static let tooManyRequests = ServiceException("ThrottlingException", .tooManyRequests)
    /// What is asked for does not go with how things are. Of the control API only.
    static let conflict = ServiceException("ConflictException", .conflict)
    /// Of the registry only.
    static let resourceAlreadyExists = ServiceException("ResourceAlreadyExistsException", .conflict)
    static let limitExceeded = ServiceException("LimitExceededException", .gone)
    static let versionConflict = ServiceException("VersionConflictException", .conflict)
}

/// A refusal: what the service says, and what a person can do about it.
struct ServiceError: Error, Sendable {
    let exception: ServiceException
    /// The `message` of the answer's body: the service's own text where one is known.
    let message: String
    /// For people, in a header of its own and in the log.
    let explanation: String
    /// Further members of the body.
    var facts: [(name: String, value: JSONValue)] = []
    /// What of the request has not been read will not be: the connection ends with the answer.
    var closesConnection = false
    /// Methods that the path has, when it has not the one asked for.
    var allowedMethods: [HTTPRequest.Method] = []

    /// - Parameter explanation: the message itself where that says it all.
    init(_ exception: ServiceException, _ message: String, explanation: String? = nil) {
        self.exception = exception
        self.message = message
        self.explanation = explanation ?? message
    }

    static func invalid(_ message: String) -> ServiceError { ServiceError(.invalidRequest, message) }

    /// The form in which the service reports a value outside its model.
    static func constraint(_ value: String, at member: String, _ constraint: String) -> ServiceError {
        ServiceError(
            .invalidRequest,
            "1 validation error detected: Value '\(value.prefix(200))' at '\(member)' failed to satisfy constraint: \(constraint)")
    }
}
