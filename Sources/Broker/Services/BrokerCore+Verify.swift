import Logging
package import SigV4

extension BrokerCore {
    /// Verifies a signed request against this broker's credentials and policy.
    package func verify(_ request: SignedRequest) -> Verdict {
        self.verifier.verify(request, now: self.shell.wallTime())
    }

    /// Says in the log why a signed request was refused.
    package func log(_ refusal: Refusal, door: String, peer: String) {
        self.logger.record(
            .notice, "signature refused: \(refusal.explanation)", [.door: "\(door)", .peer: "\(peer)", .reason: "\(refusal.reason)"])
    }
}
