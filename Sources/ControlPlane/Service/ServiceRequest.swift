import Broker
import HTTPTypes

/// A request of the service's API that was let in, as its operation sees it.
struct ServiceRequest: Sendable {
    let operation: ServiceOperation
    let query: QueryParameters
    let headers: HTTPFields
    let body: [UInt8]
    /// The host asked for, with its port where that was written.
    let authority: String
    let door: Door
    let asker: Asker
    let traceID: String
}
