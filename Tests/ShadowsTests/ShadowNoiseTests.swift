import JSON
import Shadows
import Testing
import Timeline

@Suite("Shadow store under noise")
struct ShadowNoiseTests {
    private static let seeds = [
        #"{"state":{"desired":{"mode":"eco","n":[1,2.5e3,{"a":null}]},"reported":{"x":{"y":{"z":-0.1}}}},"version":3,"clientToken":"t"}"#,
        #"{"state":null}"#, #"{"state":{"reported":null,"desired":{"\u00e9\ud83d\ude00":"\n\"\\"}}}"#, #"{"clientToken":"abc"}"#, "",
    ]

    /// Rejected requests change nothing, whatever they hold; nothing traps.
    @Test(arguments: 1...20)
    func mutatedPayloadsNeverTrapAndRejectionsChangeNothing(_ seed: Int) throws {
        var random = SeededNumbers(seed: UInt64(seed))
        var store = ShadowStore()
        let id = ShadowID(thing: try #require(ThingName("T")), name: ShadowName("n"))
        for step in 0..<400 {
            var payload = Array((Self.seeds.randomElement(using: &random) ?? "").utf8)
            for _ in 0..<Int.random(in: 0...4, using: &random) { self.mutate(&payload, &random) }
            let operation = ShadowTopic.Operation.allCases.randomElement(using: &random) ?? .update
            let request = ShadowRequest(id: id, operation: step % 50 == 49 ? operation : .update)
            let before = store.get(id)
            let outcome = store.handle(request, payload: payload, now: WallTime(secondsSinceEpoch: Int64(step)))
            if outcome.rejection != nil || request.operation == .get {
                try #require(store.get(id) == before, "seed \(seed), step \(step)")
                #expect(outcome.change == nil)
                #expect(outcome.messages.count == 1)
            }
            for message in outcome.messages {
                #expect(throws: Never.self, "seed \(seed), step \(step)") {
                    try JSONValue(parsing: message.payload, limits: JSONLimits(maximumDepth: 300))
                }
            }
            if let rejection = outcome.rejection { #expect(!rejection.explanation.isEmpty) }
        }
    }

    private func mutate(_ payload: inout [UInt8], _ random: inout SeededNumbers) {
        let place = Int.random(in: 0...payload.count, using: &random)
        switch Int.random(in: 0..<5, using: &random) {
        case 0: payload.insert(UInt8.random(in: 0...255, using: &random), at: place)
        case 1: payload.removeLast(payload.count - place)
        case 2: if place < payload.count { payload.remove(at: place) }
        case 3: if place < payload.count { payload[place] = UInt8.random(in: 0...127, using: &random) }
        default: payload.insert(contentsOf: Array(#"{[:,"\null1e9"#.utf8).shuffled(using: &random).prefix(3), at: place)
        }
    }
}
