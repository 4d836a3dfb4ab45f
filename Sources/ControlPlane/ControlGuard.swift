import HTTPTypes
import Hummingbird

/// Who may use `/_sundial/`: pages and programs of this machine, by its own names, so that no web page elsewhere can reach it through the
/// user's browser (DNS rebinding, cross-site requests). DESIGN §2.
struct ControlGuard {
    private let settings: ControlPlaneSettings

    init(_ settings: ControlPlaneSettings) {
        self.settings = settings
    }

    /// Turns a request away that may not come in.
    func check(_ request: Request, context: DoorContext) throws(ServiceError) {
        let host = HostName.ofAuthority(request.head.authority ?? "")
        guard self.isKnown(host) else {
            throw ServiceError(
                .forbidden, "Forbidden",
                explanation:
                    "/_sundial/ answers to localhost, not to host '\(host.prefix(100))'; start with --host-alias NAME to add a name.")
        }
        if let origin = request.headers[.origin], !(HostName.ofOrigin(origin).map(self.isKnown) ?? false) {
            throw ServiceError(
                .forbidden, "Forbidden",
                explanation:
                    "/_sundial/ answers pages of this machine only, not of origin '\(origin.prefix(100))'; start with --host-alias NAME to add one."
            )
        }
        guard !context.isLocal, request.method != .options, !self.bearsToken(request) else { return }
        throw ServiceError(
            .unauthorized, "Unauthorized", explanation: "From beyond this machine /_sundial/ asks for the bearer token printed at start.")
    }

    private func isKnown(_ host: String) -> Bool {
        HostName.isLoopback(host) || self.settings.hostNames.contains(host)
    }

    /// Compares without stopping at the first difference.
    private func bearsToken(_ request: Request) -> Bool {
        guard let token = self.settings.bearerToken, let given = request.headers[.authorization] else { return false }
        let wanted = Array("Bearer \(token)".utf8)
        let bytes = Array(given.utf8)
        guard bytes.count == wanted.count else { return false }
        return zip(bytes, wanted).reduce(0) { $0 | ($1.0 ^ $1.1) } == 0
    }
}
