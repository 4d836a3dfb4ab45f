import HTTPTypes
import Hummingbird
import JSON
import NIOCore
import SigV4

extension HTTPField.Name {
    /// Field names that HTTPTypes does not know; `nil` would be a misspelt constant, so `init?` is resolved here once.
    static func known(_ name: String) -> HTTPField.Name {
        guard let known = HTTPField.Name(name) else { preconditionFailure("'\(name)' is no field name") }
        return known
    }

    static let explanation = HTTPField.Name.known(RefusalResponse.explanationHeader)
    static let amazonErrorType = HTTPField.Name.known("x-amzn-ErrorType")
    static let amazonRequestID = HTTPField.Name.known("x-amzn-RequestId")
}

extension Response {
    /// A page of plain text.
    static func text(_ status: HTTPResponse.Status, _ text: String) -> Response {
        .bytes(status, Array(text.utf8), type: "text/plain; charset=utf-8")
    }

    static func html(_ text: String) -> Response {
        .bytes(.ok, Array(text.utf8), type: "text/html; charset=utf-8")
    }

    static func json(_ status: HTTPResponse.Status, _ value: JSONValue) -> Response {
        .bytes(status, Array((value.pretty() + "\n").utf8), type: "application/json")
    }

    /// An error in the service's shape: `{"message":…,"traceId":…}`, with our explanation in its own field.
    static func problem(_ status: HTTPResponse.Status, message: String, explanation: String) -> Response {
        let traceID = TraceID.fresh()
        let body: JSONValue = .object(["message": .string(message), "traceId": .string(traceID)])
        var response = Response.bytes(status, body.utf8, type: "application/json")
        response.headers[.amazonErrorType] = Self.errorType(status)
        response.headers[.amazonRequestID] = traceID
        response.headers[.explanation] = String(explanation.map { $0.isASCII && $0 >= " " && $0 != "\u{7F}" ? $0 : "?" })
        return response
    }

    /// The exception names of the data plane's API reference.
    private static func errorType(_ status: HTTPResponse.Status) -> String {
        switch status {
        case .notFound: "ResourceNotFoundException:"
        case .methodNotAllowed: "MethodNotAllowedException:"
        case .contentTooLarge: "RequestEntityTooLargeException:"
        case .serviceUnavailable: "ServiceUnavailableException:"
        case .unauthorized: "UnauthorizedException:"
        case .forbidden: "ForbiddenException:"
        default: "InternalFailureException:"
        }
    }

    static func bytes(_ status: HTTPResponse.Status, _ bytes: [UInt8], type: String) -> Response {
        Response(
            status: status, headers: [.contentType: type, .contentLength: "\(bytes.count)"],
            body: .init(byteBuffer: ByteBuffer(bytes: bytes)))
    }
}
