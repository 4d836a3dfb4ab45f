import HTTPTypes
import Hummingbird
import SigV4

/// What pages of other origins may do. The signature guards `/mqtt` and the data plane; `/_sundial/` has `ControlGuard`. DESIGN §2.
enum CrossOrigin {
    private static let allowPrivateNetwork = HTTPField.Name.known("access-control-allow-private-network")
    private static let requestPrivateNetwork = HTTPField.Name.known("access-control-request-private-network")

    /// The service's own fields: any origin, and what a script may read.
    static func add(to response: inout Response) {
        response.headers[.accessControlAllowOrigin] = "*"
        response.headers[.accessControlExposeHeaders] = RefusalResponse.exposedHeaders
    }

    /// Under `/_sundial/` the origin that asks is named, once the guard has let it in.
    static func addForControl(to response: inout Response, request: Request) {
        response.headers[.vary] = "origin"
        guard response.status != .forbidden, let origin = request.headers[.origin] else { return }
        response.headers[.accessControlAllowOrigin] = origin
        response.headers[.accessControlExposeHeaders] = RefusalResponse.exposedHeaders
    }

    /// The answer to a preflight request: the fields asked for are allowed, since the signature covers what counts.
    static func preflight(_ request: Request) -> Response {
        var response = Response(status: .noContent)
        response.headers[.accessControlAllowMethods] = "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS"
        response.headers[.accessControlAllowHeaders] =
            request.headers[.accessControlRequestHeaders]
            ?? "authorization, content-type, x-amz-content-sha256, x-amz-date, x-amz-security-token"
        response.headers[.accessControlMaxAge] = "600"
        if request.headers[Self.requestPrivateNetwork] == "true" { response.headers[Self.allowPrivateNetwork] = "true" }
        return response
    }
}
