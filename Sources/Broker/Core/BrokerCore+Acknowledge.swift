import MQTTWire
import Sessions

extension BrokerCore {
    @inline(__always)
    func pubackReceived(_ ack: Puback, on connection: Connection) {
        guard let session = connection.session else { return }
        _ = session.state.outbound.pubackReceived(ack.id.rawValue)
        if !self.awaitedConfirmations.isEmpty { self.confirm(ack.id, from: connection) }
        if session.state.outbound.hasBacklog { self.sendWaiting(of: session) }
    }

    func pubrecReceived(_ ack: Pubrec, on connection: Connection) {
        guard let session = connection.session else { return }
        switch session.state.outbound.pubrecReceived(ack.id.rawValue, failed: ack.reason.isError) {
        case .sendPubrel:
            self.send(to: connection) { Pubrel(id: ack.id).write(to: &$0, version: connection.version) }
        case .unknown:
            self.send(to: connection) {
                Pubrel(id: ack.id, reason: .packetIdentifierNotFound).write(to: &$0, version: connection.version)
            }
        case .released:
            if session.state.outbound.hasBacklog { self.sendWaiting(of: session) }
        }
    }

    func pubrelReceived(_ release: Pubrel, on connection: Connection) {
        guard let session = connection.session else { return }
        let wasKnown = session.state.inbound.pubrelReceived(release.id.rawValue)
        self.send(to: connection) {
            Pubcomp(id: release.id, reason: wasKnown ? .success : .packetIdentifierNotFound).write(to: &$0, version: connection.version)
        }
    }

    func pubcompReceived(_ ack: Pubcomp, on connection: Connection) {
        guard let session = connection.session else { return }
        _ = session.state.outbound.pubcompReceived(ack.id.rawValue)
        if session.state.outbound.hasBacklog { self.sendWaiting(of: session) }
    }
}
