/// The clients of a core that live in its process: each reads what has come for it, outside the core's ticks.
///
/// Belongs to whoever drives the core, and is used where the core is: on its loop, or wherever a ``LocalBroker`` is.
package final class LocalClients {
    package let core: BrokerCore
    /// Called when there is something to read, so that ``settle()`` is to be called soon. The core is in the middle of its tick then: it
    /// must not be called.
    package var onNews: () -> Void = {}
    /// Clients to whom bytes or an end have come, in the order they came.
    private var readers: [LocalClient] = []

    package init(of core: BrokerCore) {
        self.core = core
    }

    /// A client that is not connected yet. It must not outlive this; one that is let go of hears nothing more.
    package func make(_ name: String, door: Door, onEvent: @escaping (LocalClient.Event) -> Void) -> LocalClient {
        LocalClient(name, door: door, among: self, onEvent: onEvent)
    }

    /// Ends ticks and lets clients read and acknowledge until there is nothing left to do at this instant.
    ///
    /// Not to be called from a client's events.
    package func settle() {
        while true {
            if self.core.tickIsOpen { self.core.endTick() }
            let readers = self.readers
            self.readers.removeAll()
            for client in readers { client.read() }
            if readers.isEmpty, !self.core.tickIsOpen { return }
        }
    }

    func hasNews(_ client: LocalClient) {
        self.readers.append(client)
        if self.readers.count == 1 { self.onNews() }
    }
}

@available(*, unavailable)
extension LocalClients: Sendable {}
