import TestKit
import Testing

@Suite("JSON values in tests") struct JSONTests {
    @Test func literalsKeepTheirOrderAndDigits() {
        let value: JSON = ["b": 1, "a": [true, .null, "x", 21.50], "c": ["d": -7]]
        #expect("\(value)" == #"{"b":1,"a":[true,null,"x",21.5],"c":{"d":-7}}"#)
        #expect(value["a"]?[3]?.double == 21.5)
        #expect(value[pointer: "/c/d"]?.int == -7)
        #expect(value["nothing"] == nil)
        #expect(value["a"]?[1]?.isNull == true)
    }

    @Test func valuesAreEqualWhenTheyMeanTheSame() throws {
        #expect(try JSON(parsing: #"{"a":1.0,"b":2}"#) == ["b": 2, "a": 1])
        #expect(JSON(UInt64.max).description == "18446744073709551615")
        #expect(JSON(Double.nan) == .null)
        #expect(JSON(["z": 1, "a": 2]).description == #"{"a":2,"z":1}"#)
    }

    @Test func textsThatAreNotJSONSayWhere() {
        #expect(throws: JSONFailure.self) { try JSON(parsing: "{\"a\":") }
        do {
            _ = try JSON(parsing: "[1,]")
        } catch {
            #expect("\(error)".hasPrefix("this is not JSON: line 1, column 4"), "\(error)")
        }
    }

    struct Lamp: Codable, Equatable {
        enum Mode: String, Codable { case eco, bright }
        struct Colour: Codable, Equatable { var red: UInt8, green: Float }
        var on: Bool
        var mode: Mode
        var level: Double?
        var hours: [Int]
        var colours: [String: Colour]
        var raw: JSON
    }

    @Test func structsBecomeValuesAndComeBack() throws {
        let lamp = Lamp(
            on: true, mode: .eco, level: nil, hours: [1, 2], colours: ["a": .init(red: 255, green: 0.5)], raw: ["big": 12_345_678_901_234])
        let value = try JSON(encoding: lamp)
        #expect(
            value == [
                "on": true, "mode": "eco", "hours": [1, 2], "colours": ["a": ["red": 255, "green": 0.5]],
                "raw": ["big": 12_345_678_901_234],
            ])
        #expect(try value.decoded(as: Lamp.self) == lamp)
    }

    @Test func aValueOfTheWrongKindSaysWhichAndWhere() throws {
        let value: JSON = ["on": 1, "mode": "eco", "hours": [], "colours": [:], "raw": .null]
        #expect {
            try value.decoded(as: Lamp.self)
        } throws: { error in
            guard case DecodingError.typeMismatch(_, let context) = error else { return false }
            return context.codingPath.map(\.stringValue) == ["on"] && context.debugDescription == "a boolean is wanted, not 1"
        }
        #expect(throws: DecodingError.self) { try JSON(300).decoded(as: UInt8.self) }
        #expect(throws: DecodingError.self) { try JSON(1.5).decoded(as: Int.self) }
        #expect(try JSON(3.0).decoded(as: Int.self) == 3)
    }
}
