import MQTTWire
import Sessions

extension BrokerCore {
    @inline(__always)
    func pubackReceived(_ ack: Puback, on connection: Connection) {
        guard let session = connection.session else { return }
        let acknowledgement = session.state.outbound.pubackReceived(ack.id.rawValue)
        if !self.awaitedConfirmations.isEmpty { self.confirm(ack.id, from: connection) }
        self.released(by: acknowledgement, of: session)
    }

    func pubrecReceived(_ ack: Pubrec, on connection: Connection) {
        guard let session = connection.session else { return }
        let acknowledgement = session.state.outbound.pubrecReceived(ack.id.rawValue, failed: ack.reason.isError)
        switch acknowledgement {
        case .sendPubrel(let serial):
            // Once it has PUBREL the client forgets the id: after a crash, PUBLISH must not come again under it.
            if session.state.isKept { self.gate.append(.handedOver(session.number, serial: serial)) }
            self.answer(connection, waitsForJournal: self.awaitsJournal(connection)) {
                Pubrel(id: ack.id).write(to: &$0, version: connection.version)
            }
        case .unknown:
            self.answer(connection, waitsForJournal: false) {
                Pubrel(id: ack.id, reason: .packetIdentifierNotFound).write(to: &$0, version: connection.version)
            }
        case .released:
            self.released(by: acknowledgement, of: session)
        }
    }

    func pubrelReceived(_ release: Pubrel, on connection: Connection) {
        guard let session = connection.session else { return }
        let wasKnown = session.state.inbound.pubrelReceived(release.id.rawValue)
        if wasKnown, session.state.isKept { self.gate.append(.completed(session.number, packetID: release.id.rawValue)) }
        // Once it has PUBCOMP the client uses the id for another message: after a crash, that must not look like this one.
        self.answer(connection, waitsForJournal: self.awaitsJournal(connection)) {
            Pubcomp(id: release.id, reason: wasKnown ? .success : .packetIdentifierNotFound).write(to: &$0, version: connection.version)
        }
    }

    func pubcompReceived(_ ack: Pubcomp, on connection: Connection) {
        guard let session = connection.session else { return }
        self.released(by: session.state.outbound.pubcompReceived(ack.id.rawValue), of: session)
    }

    /// A message is done: the next one may leave.
    @inline(__always)
    private func released(by acknowledgement: OutboundFlight.Acknowledgement, of session: ClientSession) {
        if case .released(let serial) = acknowledgement {
            self.journal(released: serial, of: session)
            if !self.watchedDeliveries.isEmpty { self.watchedMessage(serial, of: session, isDelivered: true) }
        }
        if session.state.outbound.hasBacklog { self.sendWaiting(of: session) }
    }
}
