import Broker
import Hummingbird
import Shadows

extension ServiceRequest {
    /// Does what is asked. On the core's loop; the caller sends the answer by `whenSafe`.
    func answer(_ core: BrokerCore) throws(ServiceError) -> Response {
        switch self.operation {
        case .getThingShadow(let thing): try self.shadow(.get, of: thing, core)
        case .updateThingShadow(let thing): try self.shadow(.update, of: thing, core)
        case .deleteThingShadow(let thing): try self.shadow(.delete, of: thing, core)
        case .listNamedShadowsForThing(let thing): try self.listNamedShadows(of: thing, core)
        }
    }
}
