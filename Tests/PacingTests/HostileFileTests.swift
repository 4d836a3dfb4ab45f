import Pacing
import Testing

/// Damaged files never trap, and always give a fault whose line lies in the file. The seed is part of the message.
@Suite struct HostileFileTests {
    /// Files with every verb and option in them.
    static let good: [String] = [
        """
        # a comment
        {"scenario":1,"name":"all","profile":"aws","seed":7,"clock":"virtual","vars":{"thing":"T1","n":3},"laneBy":"thing",
         "lanes":{"thing:*":{"minGap":"1s","slots":2}},"defaults":{"qos":1,"gate":"acked","timeout":"5s","onFail":"stopLane","late":"keep"},
         "start":{"snapshot":"clean"},"timeLimit":"1m","quota":"obey","speed":2,"wallFloor":"20ms","slots":5,"jitter":{"uniform":[0,"1ms"]}}
        {"connect":{"client":"app","version":5,"keepAlive":30,"clean":false,"expiry":60,"will":{"topic":"w","payload":{"text":"bye"}},"reconnect":true}}
        {"sub":{"client":"app","filters":["$aws/things/${thing}/shadow/update/+","#"],"qos":1}}
        {"id":"a","at":"1s","as":"app","update":{"thing":"${thing}","shadow":"s","reported":{"n":"${n}","é":"𝄞\\ud83d\\ude00"}},"gate":["accepted","documents"],"onFail":{"retry":{"max":2,"on":["timeout",429]}}}
        {"wait":"250ms"}
        {"id":"b","wait":"1m30s","pub":{"topic":"t/${rand 1 9}","payload":{"hex":"00ff"},"qos":0,"retain":true},"after":{"a":"1s"},"gate":"quiet(10ms)"}
        {"expect":{"topic":"t/+","json":{"a":{"$near":[1,0.5]},"b":{"$type":"number"}}},"count":">=2","within":"3s","capture":{"v":"/a/0"}}
        {"never":{"topic":"x"},"for":"1s"} {"order":[{"causedBy":"a"},{"causedBy":"b","client":"app"}],"from":"start"}
        {"note":"${now} ${v} $${x} ${seq 1} ${uuid} ${pick a b}"} {"mark":"m"}
        """,
        """
        {"scenario":1,"clock":"virtual"}
        {"on":{"match":{"topic":"in/+","props":{"contentType":"x"}},"times":5,"then":[{"id":"r","pub":{"topic":"out/${i}","payload":"${n}"}},{"par":[[{"note":"x"}],[{"wait":1},{"mark":"y"}]]}]},"capture":{"n":"/n"}}
        {"device":{"thing":"T","shadow":"cfg","echo":"delta","delay":"300ms","until":"9s"}}
        {"repeat":{"times":3,"overlap":true,"do":[{"id":"c","connect":{"client":"d${i}"}},{"id":"p","update":{"thing":"T${i}","desired":{"a":[1,2,{"b":null}]},"version":"auto"}},
          {"repeat":{"for":"2s","do":[{"wait":"500ms","get":{"thing":"T"},"expectReject":404}]}},{"drop":{"client":"d${i}","how":"reset"}}]}}
        {"par":[[{"shadowIs":{"thing":"T","includes":{"reported":{"a":{"$gt":1}}},"version":3}}],[{"clock":{"advance":"1s"}},{"clock":{"speed":"max"}}]]}
        {"include":"part"}
        {"delete":{"thing":"T","token":"x"},"stampToken":false,"skip":true,"tags":["t"],"x-free":[]}
        """,
    ]

    static let part = "{\"scenario\":1,\"vars\":{\"y\":1}}\n{\"id\":\"inc\",\"note\":\"${y}\"}\n"

    private static func faults(_ bytes: [UInt8]) -> [ScenarioError] {
        Plan.faults(in: bytes, file: "f", readFile: { $0 == "part" ? Array(Self.part.utf8) : nil })
    }

    @Test func theFilesAreGoodBefore() {
        for text in Self.good { #expect(Self.faults(Array(text.utf8)).map(\.text) == []) }
    }

    @Test(arguments: 0..<10)
    func damagedFilesGiveFaultsInsideTheFile(_ batch: Int) {
        for seed in UInt64(batch * 200)..<UInt64(batch * 200 + 200) {
            var random = Draw(seed: seed, purpose: "damage", step: "", attempt: 1)
            let bytes = Self.damaged(Array(Self.good[Int(random.upTo(1))].utf8), &random)
            let lines = bytes.count { $0 == 0x0A } + 1
            for fault in Self.faults(bytes) {
                let most = fault.file == "part" ? 3 : lines
                #expect((1...most).contains(fault.line) && fault.column >= 1 && !fault.what.isEmpty, "seed \(seed): \(fault.text)")
            }
        }
    }

    private static let words = [
        "-1", "1e400", "null", "\"${\"", "\"${i}\"", "[]", "{}", "99999999999999999999", "\"\\u0000\"", "true", "\"\u{FFFE}\"",
    ]

    private static func damaged(_ bytes: [UInt8], _ random: inout Draw) -> [UInt8] {
        var bytes = bytes
        for _ in 0...random.upTo(2) {
            let place = Int(random.upTo(UInt64(max(bytes.count, 1) - 1)))
            switch random.upTo(6) {
            case 0: bytes[place] = UInt8(truncatingIfNeeded: random.next())
            case 1: bytes = Array(bytes.prefix(place + 1))
            case 2: bytes.remove(at: place)
            case 3:
                // A key twice, or a value in a strange place.
                let end = min(place + Int(random.upTo(40)), bytes.count)
                bytes.insert(contentsOf: bytes[place..<end], at: Int(random.upTo(UInt64(bytes.count))))
            case 4:
                let deep = Int(random.upTo(200))
                let open = random.upTo(1) == 0 ? "[" : "{\"a\":"
                bytes.insert(contentsOf: Array(String(repeating: open, count: deep).utf8), at: place)
            case 5:
                let word = Self.words[Int(random.upTo(UInt64(Self.words.count - 1)))]
                bytes.replaceSubrange(place..<min(place + 3, bytes.count), with: Array(word.utf8))
            default: bytes.swapAt(place, Int(random.upTo(UInt64(bytes.count - 1))))
            }
            if bytes.isEmpty { return bytes }
        }
        return bytes
    }

    /// What is read without a fault also runs to an end.
    @Test(arguments: 0..<4)
    func damagedFilesThatAreStillGoodRun(_ batch: Int) throws {
        for seed in UInt64(batch * 100)..<UInt64(batch * 100 + 100) {
            var random = Draw(seed: seed, purpose: "run", step: "", attempt: 1)
            let bytes = Self.damaged(Array(Self.good[Int(random.upTo(1))].utf8), &random)
            guard let plan = try? Plan.read(bytes, file: "f", readFile: { $0 == "part" ? Array(Self.part.utf8) : nil }) else { continue }
            var limited = plan
            limited.settings.timeLimit = .seconds(60)
            let report = VirtualShell(limited).run()
            #expect(report.state != .running, "seed \(seed): \(String(decoding: bytes, as: UTF8.self))")
        }
    }
}
