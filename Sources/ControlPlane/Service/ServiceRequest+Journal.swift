import Broker
import Hummingbird

/// How an operation depends on the journal. (DESIGN §6.)
enum JournalDependence {
    /// Neither shows nor promises anything that is journalled.
    case none
    /// Shows what may not be safe yet, and waits until it is. While the journal cannot write, it shows what is in force.
    case onWhatItShows
    /// Changes what is kept: waits until it is safe, and is not tried at all while the journal cannot write.
    case onItsChange
    /// As ``onItsChange``, but often changes nothing that is kept, and then waits for nothing.
    case onItsChangeIfAny
}

extension ServiceRequest {
    /// Does what is asked and answers when the journal allows. On the core's loop.
    ///
    /// - Parameter give: called once, on the core's loop, now or later.
    func answerWhenSafe(_ core: BrokerCore, give: @escaping (Result<Response, ServiceError>) -> Void) {
        let dependence = self.dependence
        switch dependence {
        case .none:
            self.answer(core, then: give)
        case .onWhatItShows:
            // What was read may be taken back by then: it is read again.
            self.answer(core) { result in core.whenSafe({ give(result) }, orFailed: { self.answer(core, then: give) }) }
        case .onItsChange, .onItsChangeIfAny:
            // SDKs try again what was answered with 500: what cannot be kept must not have happened.
            if let why = core.journalFailure { return give(.failure(Self.cannotWrite(why, "nothing was changed or sent"))) }
            let before = core.journalledCount
            self.answer(core) { result in
                if dependence == .onItsChangeIfAny, core.journalledCount == before { return give(result) }
                core.whenSafe(
                    { give(result) },
                    orFailed: { give(.failure(Self.cannotWrite(core.journalFailure ?? "unknown", "what was asked may be lost"))) })
            }
        }
    }

    private var dependence: JournalDependence {
        switch self.operation {
        case .getThingShadow, .listNamedShadowsForThing, .getRetainedMessage, .listRetainedMessages, .listSubscriptions, .describeThing,
            .listThings:
            .onWhatItShows
        case .updateThingShadow, .deleteThingShadow, .createThing, .updateThing, .deleteThing: .onItsChange
        case .publish: .onItsChangeIfAny
        // The end of a connection need not be kept; that of a session or a will has to be.
        case .deleteConnection: self.asks("cleanSession") || self.asks("preventWillMessage") ? .onItsChangeIfAny : .none
        case .getConnection, .sendDirectMessage, .describeEndpoint: .none
        }
    }

    private func asks(_ parameter: String) -> Bool { (try? self.query.boolean(parameter)) == true }

    private static func cannotWrite(_ why: String, _ consequence: String) -> ServiceError {
        ServiceError(
            .internalFailure, "Internal Failure", explanation: "The state file cannot be written: \(why); \(consequence).")
    }
}
