import Broker
import ControlPlane
import JSON
import Shadows
import Timeline

/// The file of `--seed-shadows`: a snapshot, of which the present shadows count, or a map written by hand:
/// `{"lamp":{"classic":{"desired":{"mode":"eco"}},"named":{"kitchen":{"reported":{"on":true}}}}}`.
struct SeedFile {
    let path: String

    private static let maximumBytes = 256 * 1024 * 1024

    /// Every seed, in the order written; each was tried on a store of its own, so that none will be refused.
    func read() throws(Complaint) -> [ShadowSeed] {
        let bytes = try TextFile.bytes(self.path, purpose: "seed file", maximumBytes: Self.maximumBytes)
        let document: JSONValue
        do throws(JSONError) {
            document = try JSONValue(parsing: bytes, limits: JSONLimits(maximumDepth: 512))
        } catch {
            throw Complaint("the seed file \(self.path) is not JSON: \(error.text)", .badArguments)
        }
        do throws(DocumentFault) {
            return Snapshot.isSnapshot(document) ? try Self.seeds(ofSnapshot: document) : try Self.seeds(of: DocumentNode(document))
        } catch {
            throw Complaint("the seed file \(self.path) makes no sense: \(error.text)", .badArguments)
        }
    }

    private static func seeds(ofSnapshot document: JSONValue) throws(DocumentFault) -> [ShadowSeed] {
        let clock = ClockReading(now: Broker.monotonicNow(), wall: Broker.systemWallTime())
        var store = ShadowStore()
        for version in try Snapshot.image(from: document, clock: clock).shadows {
            do throws(ShadowRestoreError) {
                try store.roll(version.id, backTo: version.change)
            } catch {
                throw DocumentFault(pointer: "/shadows", what: "cannot be taken back: \(error.text)")
            }
        }
        var seeds: [ShadowSeed] = []
        for id in store.allShadows { seeds.append(ShadowSeed(id: id, update: Self.update(store.state(of: id) ?? [:]))) }
        return seeds
    }

    private static func seeds(of node: DocumentNode) throws(DocumentFault) -> [ShadowSeed] {
        var seeds: [ShadowSeed] = []
        for (name, thing) in try node.members() {
            guard let thingName = ThingName(name) else { throw thing.fault("is no name of a thing") }
            _ = try thing.object(of: ["classic", "named"])
            if let classic = thing["classic"] { seeds.append(try Self.seed(ShadowID(thing: thingName), classic)) }
            for (name, shadow) in try thing["named"]?.members() ?? [] {
                guard let shadowName = ShadowName(name) else { throw shadow.fault("is no name of a shadow") }
                seeds.append(try Self.seed(ShadowID(thing: thingName, name: shadowName), shadow))
            }
        }
        return seeds
    }

    private static func seed(_ id: ShadowID, _ state: DocumentNode) throws(DocumentFault) -> ShadowSeed {
        let seed = ShadowSeed(id: id, update: Self.update(.object(try state.object(of: ["desired", "reported"]))))
        var store = ShadowStore()
        let outcome = store.handle(
            ShadowRequest(id: id, operation: .update), payload: seed.update, now: WallTime(secondsSinceEpoch: 0))
        if let rejection = outcome.rejection { throw state.fault("would be refused: \(rejection.explanation)") }
        return seed
    }

    private static func update(_ state: JSONValue) -> [UInt8] { JSONValue.object(["state": state]).utf8 }
}
