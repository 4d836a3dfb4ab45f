import MQTTWire
import Testing

/// MQTT 5 §2.2.2.2, typed from the specification's table 2-4 apart from the one in the sources.
@Suite("Property table, MQTT 5 §2.2.2.2")
struct PropertyTableTests {
    private static let answers: Set<PropertyContext> = [.puback, .pubrec, .pubrel, .pubcomp, .suback, .unsuback]

    private static let allowed: [UInt8: Set<PropertyContext>] = [
        1: [.publish, .will], 2: [.publish, .will], 3: [.publish, .will], 8: [.publish, .will], 9: [.publish, .will],
        11: [.publish, .subscribe], 17: [.connect, .connack, .disconnect], 18: [.connack], 19: [.connack],
        21: [.connect, .connack, .auth], 22: [.connect, .connack, .auth], 23: [.connect], 24: [.will], 25: [.connect],
        26: [.connack], 28: [.connack, .disconnect], 31: answers.union([.connack, .disconnect, .auth]), 33: [.connect, .connack],
        34: [.connect, .connack], 35: [.publish], 36: [.connack], 37: [.connack], 38: Set(PropertyContext.allCases),
        39: [.connect, .connack], 40: [.connack], 41: [.connack], 42: [.connack],
    ]

    /// Bytes of a property with an acceptable value.
    private static func bytes(_ id: UInt8) -> [UInt8] {
        switch id {
        case 1, 23, 25, 36, 37, 40, 41, 42: [id, 1]
        case 2, 17, 24, 39: [id, 0, 0, 0, 1]
        case 19, 33, 34, 35: [id, 0, 1]
        case 11: [id, 1]
        case 38: [id, 0, 1, 0x61, 0, 1, 0x62]
        default: [id, 0, 1, 0x61]
        }
    }

    /// A packet that carries `properties` in `context`; AUTH and CONNECT with their method are left to the golden packets.
    private static func packet(_ context: PropertyContext, _ properties: [UInt8]) -> [UInt8] {
        let block = [UInt8(properties.count)] + properties
        let connect: [UInt8] = [0, 4, 0x4D, 0x51, 0x54, 0x54, 5]
        let (first, body): (UInt8, [UInt8]) =
            switch context {
            case .connect: (0x10, connect + [2, 0, 0] + block + [0, 0])
            case .will: (0x10, connect + [6, 0, 0, 0, 0, 0] + block + [0, 1, 0x77, 0, 0])
            case .connack: (0x20, [0, 0] + block)
            case .publish: (0x30, [0, 1, 0x74] + block)
            case .puback: (0x40, [0, 1, 0] + block)
            case .pubrec: (0x50, [0, 1, 0] + block)
            case .pubrel: (0x62, [0, 1, 0] + block)
            case .pubcomp: (0x70, [0, 1, 0] + block)
            case .subscribe: (0x82, [0, 1] + block + [0, 1, 0x66, 0])
            case .suback: (0x90, [0, 1] + block + [0])
            case .unsubscribe: (0xA2, [0, 1] + block + [0, 1, 0x66])
            case .unsuback: (0xB0, [0, 1] + block + [0])
            case .disconnect: (0xE0, [0] + block)
            case .auth: (0xF0, [0] + block)
            }
        return [first, UInt8(body.count)] + body
    }

    @Test func everyPropertyOfTheSpecificationExistsAndNoOther() {
        #expect(Set(PropertyID.allCases.map(\.rawValue)) == Set(Self.allowed.keys))
        #expect(Set(PropertyID.allCases.map(\.name)).count == 27)
    }

    @Test(arguments: PropertyContext.allCases)
    func contextTakesItsPropertiesAndRefusesAllOthers(_ context: PropertyContext) {
        for id in UInt8.min...127 {
            let isKnown = PropertyID(rawValue: id) != nil
            let isAllowed = Self.allowed[id]?.contains(context) ?? false
            var thrown: WireError?
            do throws(WireError) { _ = try first(of: Self.packet(context, Self.bytes(id)), version: .v5) } catch { thrown = error }
            if id == 22, isAllowed {
                #expect(thrown == .missingAuthenticationMethod)
            } else if isAllowed {
                #expect(thrown == nil, "property \(id) in \(context)")
            } else if isKnown {
                #expect(thrown?.caseName == "propertyNotAllowed", "property \(id) in \(context)")
            } else {
                #expect(thrown == .unknownProperty(UInt32(id)), "property \(id) in \(context)")
            }
        }
    }

    @Test(arguments: PropertyContext.allCases)
    func onlyUserPropertiesAndPublishedSubscriptionIdentifiersRepeat(_ context: PropertyContext) {
        for id in PropertyID.allCases where Self.allowed[id.rawValue]?.contains(context) == true {
            var thrown: WireError?
            let twice = Self.bytes(id.rawValue) + Self.bytes(id.rawValue)
            do throws(WireError) { _ = try first(of: Self.packet(context, twice), version: .v5) } catch { thrown = error }
            let mayRepeat = id == .userProperty || (id == .subscriptionIdentifier && context == .publish)
            #expect(thrown == (mayRepeat ? nil : .duplicateProperty(id)), "\(id) in \(context)")
        }
    }

    @Test(arguments: PropertyContext.allCases)
    func aCutPropertyNeverReachesPastThePropertyLength(_ context: PropertyContext) {
        for id in PropertyID.allCases where Self.allowed[id.rawValue]?.contains(context) == true {
            let whole = Self.bytes(id.rawValue)
            for count in 1..<whole.count {
                var thrown: WireError?
                do throws(WireError) { _ = try first(of: Self.packet(context, [UInt8](whole.prefix(count))), version: .v5) } catch {
                    thrown = error
                }
                #expect(thrown?.caseName == "truncated", "\(id) in \(context) cut to \(count) bytes")
            }
        }
    }
}
