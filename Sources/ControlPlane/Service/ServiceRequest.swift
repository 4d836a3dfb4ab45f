import Broker
import HTTPTypes
import SigV4

/// A request of the service's API that was let in, as its operation sees it.
struct ServiceRequest: Sendable {
    let operation: ServiceOperation
    let signed: SignedRequest
    let query: QueryParameters
    let headers: HTTPFields
    let body: [UInt8]
    /// The host asked for, with its port where that was written.
    let authority: String
    let door: Door
    let asker: Asker
    let traceID: String

    /// As its signature names it, since one endpoint serves every region here.
    var region: String { self.signed.claimedRegion ?? "us-east-1" }
}
