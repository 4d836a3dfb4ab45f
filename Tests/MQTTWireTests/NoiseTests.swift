import MQTTWire
import Testing

/// SplitMix64: the same numbers for the same seed.
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) {
        self.state = seed
    }

    mutating func next() -> UInt64 {
        self.state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = self.state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}

@Suite("Noise")
struct NoiseTests {
    /// Bytes that make up nothing in particular, behind a header that lets them in.
    private func randomPacket(_ random: inout SeededGenerator) -> [UInt8] {
        let body = (0..<Int.random(in: 0...40, using: &random)).map { _ in
            // Small numbers are lengths and identifiers, so they reach further than even noise.
            Bool.random(using: &random) ? UInt8.random(in: 0...12, using: &random) : UInt8.random(in: 0...255, using: &random)
        }
        let type = UInt8.random(in: 0...15, using: &random)
        let flags: UInt8 =
            Bool.random(using: &random) ? (PacketType(rawValue: type)?.requiredFlags ?? 0) : .random(in: 0...15, using: &random)
        return [type << 4 | flags, UInt8(body.count)] + body
    }

    /// A golden packet with a few bytes changed, added or taken away, and a length that mostly fits.
    private func mutatedPacket(_ random: inout SeededGenerator) -> (bytes: [UInt8], version: ProtocolVersion) {
        guard let golden = Golden.all.randomElement(using: &random) else { return ([], .v5) }
        var bytes = golden.raw
        for _ in 0..<Int.random(in: 1...4, using: &random) {
            switch Int.random(in: 0...3, using: &random) {
            case 0 where bytes.count > 2: bytes.remove(at: .random(in: 2..<bytes.count, using: &random))
            case 1: bytes.insert(.random(in: 0...255, using: &random), at: .random(in: 0...bytes.count, using: &random))
            case 2 where !bytes.isEmpty: bytes[.random(in: 0..<bytes.count, using: &random)] ^= 1 << UInt8.random(in: 0...7, using: &random)
            default:
                guard !bytes.isEmpty else { continue }
                bytes[.random(in: 0..<bytes.count, using: &random)] = .random(in: 0...255, using: &random)
            }
        }
        if bytes.count > 1, bytes.count < 130, Int.random(in: 0...9, using: &random) > 0 {
            bytes[1] = UInt8(min(bytes.count - 2, 127))
        }
        let version = Bool.random(using: &random) ? golden.protocolVersion : (ProtocolVersion.allCases.randomElement(using: &random) ?? .v5)
        return (bytes, version)
    }

    /// Decodes; what decodes must be written and read back the same, and what does not must say why.
    private func exercise(_ bytes: [UInt8], _ version: ProtocolVersion) throws -> Bool {
        let decoded: (packet: AnyPacket, bytes: Int)?
        do throws(WireError) {
            decoded = try first(of: bytes, limit: 1_000_000, version: version)
        } catch {
            guard error.reason.isError, !error.text.isEmpty else { throw error }
            return false
        }
        guard let decoded else { return false }
        let written = encoded(decoded.packet, version)
        let again = try first(of: written, version: version)
        if again?.packet != decoded.packet || again?.bytes != written.count {
            Issue.record("\(Hexadecimal.text(bytes)) in \(version) reads back as \(String(describing: again?.packet))")
        }
        return true
    }

    @Test(arguments: [0x53_554E, 0x4449_414C] as [UInt64])
    func randomBytesNeverTrap(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        var valid = 0
        for _ in 0..<50_000 {
            let version = ProtocolVersion.allCases.randomElement(using: &random) ?? .v5
            if try self.exercise(self.randomPacket(&random), version) { valid += 1 }
        }
        // Noise that never decodes would test the first check only.
        #expect(valid > 500, "seed \(seed)")
    }

    @Test(arguments: [1, 2] as [UInt64])
    func mutatedPacketsNeverTrap(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        var valid = 0
        for _ in 0..<50_000 {
            let (bytes, version) = self.mutatedPacket(&random)
            if try self.exercise(bytes, version) { valid += 1 }
        }
        #expect(valid > 5000, "seed \(seed)")
    }
}
