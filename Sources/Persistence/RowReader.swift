import Foundation
import GRDB
import Timeline

/// One row of a state file, read column by column: what is missing or cannot be is damage, never a trap.
struct RowReader {
    /// The largest number of anything that counts up. A snapshot may hold less, so that what counts on from it stays in here.
    static let largestCounter: Int64 = 1 << 62

    private let row: Row

    init(_ row: Row) {
        self.row = row
    }

    static func damage(_ what: String) -> DatabaseError {
        DatabaseError(resultCode: .SQLITE_CORRUPT, message: "\(what) cannot be read")
    }

    // MARK: Numbers

    func integer<Number: FixedWidthInteger>(_ column: String, _ range: ClosedRange<Number>) throws -> Number {
        guard let number = try self.integerIfAny(column, range) else { throw Self.damage(column) }
        return number
    }

    func integerIfAny<Number: FixedWidthInteger>(_ column: String, _ range: ClosedRange<Number>) throws -> Number? {
        switch try self.storage(column) {
        case .null: return nil
        case .int64(let value):
            guard let number = Number(exactly: value), range.contains(number) else { throw Self.damage(column) }
            return number
        case .double, .string, .blob: throw Self.damage(column)
        }
    }

    func counter(_ column: String) throws -> UInt64 {
        try self.integer(column, 0...UInt64(Self.largestCounter))
    }

    func bool(_ column: String) throws -> Bool {
        try self.integer(column, 0...1) == 1
    }

    func time(_ column: String) throws -> WallTime {
        WallTime(nanosecondsSinceEpoch: try self.integer(column, Int64.min...Int64.max))
    }

    func timeIfAny(_ column: String) throws -> WallTime? {
        try self.integerIfAny(column, Int64.min...Int64.max).map { WallTime(nanosecondsSinceEpoch: $0) }
    }

    /// A value whose numbers stand for its cases.
    func value<Value: RawRepresentable>(_ column: String, of type: Value.Type = Value.self) throws -> Value
    where Value.RawValue: FixedWidthInteger {
        guard let value = Value(rawValue: try self.integer(column, Value.RawValue.min...Value.RawValue.max)) else {
            throw Self.damage(column)
        }
        return value
    }

    // MARK: Texts and bytes

    func text(_ column: String) throws -> String {
        guard let text = try self.textIfAny(column) else { throw Self.damage(column) }
        return text
    }

    func textIfAny(_ column: String) throws -> String? {
        switch try self.storage(column) {
        case .null: nil
        case .string(let text): text
        case .int64, .double, .blob: throw Self.damage(column)
        }
    }

    func bytes(_ column: String) throws -> [UInt8] {
        guard let bytes = try self.bytesIfAny(column) else { throw Self.damage(column) }
        return bytes
    }

    func bytesIfAny(_ column: String) throws -> [UInt8]? {
        switch try self.storage(column) {
        case .null: nil
        case .blob(let data): Array(data)
        case .int64, .double, .string: throw Self.damage(column)
        }
    }

    private func storage(_ column: String) throws -> DatabaseValue.Storage {
        guard self.row.hasColumn(column) else { throw Self.damage(column) }
        let value: DatabaseValue = self.row[column]
        return value.storage
    }
}
