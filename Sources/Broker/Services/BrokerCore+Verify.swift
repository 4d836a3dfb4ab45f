import Logging
package import SigV4
package import Timeline

/// The two halves of the service's HTTP API, which are signed for under different names.
package enum ServicePlane: Sendable {
    /// Shadows, publish, retained messages, connections, and MQTT itself.
    case data
    /// Things and endpoints.
    case control
}

extension BrokerCore {
    /// Verifies a signed request against this broker's credentials and policy.
    package func verify(_ request: SignedRequest, for plane: ServicePlane = .data) -> Verdict {
        let now = self.signatureTime
        return switch plane {
        case .data: self.verifier.verify(request, now: now)
        case .control: self.controlVerifier.verify(request, now: now)
        }
    }

    /// The date by which signatures are judged.
    package var signatureTime: WallTime { self.shell.signatureTime?() ?? self.shell.wallTime() }

    /// Says in the log why a signed request was refused.
    package func log(_ refusal: Refusal, door: String, peer: String) {
        self.logger.record(
            .notice, "signature refused: \(refusal.explanation)", [.door: "\(door)", .peer: "\(peer)", .reason: "\(refusal.reason)"])
    }
}
