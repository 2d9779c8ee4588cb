import Civil

/// The parts of a Word file that stand around its text.
enum DocxParts {
    static let head = "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n"
    private static let main = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
    private static let office = "http://schemas.openxmlformats.org/officeDocument/2006"
    private static let package = "http://schemas.openxmlformats.org/package/2006"

    static var contentTypes: String {
        let word = "application/vnd.openxmlformats-officedocument.wordprocessingml"
        let parts = ["styles", "numbering", "settings"].map { name in
            "<Override PartName=\"/word/\(name).xml\" ContentType=\"\(word).\(name)+xml\"/>"
        }
        return """
            <Types xmlns="\(package)/content-types">\
            <Default Extension="rels" \
            ContentType="application/vnd.openxmlformats-package.relationships+xml"/>\
            <Default Extension="xml" ContentType="application/xml"/>\
            <Override PartName="/word/document.xml" ContentType="\(word).document.main+xml"/>\
            \(parts.joined())\
            <Override PartName="/docProps/core.xml" \
            ContentType="application/vnd.openxmlformats-package.core-properties+xml"/></Types>
            """
    }

    static var relationships: String {
        relationships([
            relationship("rId1", "officeDocument", "word/document.xml"),
            """
            <Relationship Id="rId2" \
            Type="\(package)/relationships/metadata/core-properties" \
            Target="docProps/core.xml"/>
            """,
        ])
    }

    static func relationships(_ all: [String]) -> String {
        "<Relationships xmlns=\"\(package)/relationships\">\(all.joined())</Relationships>"
    }

    static func relationship(
        _ id: String, _ type: String, _ target: String, isOutside: Bool = false
    ) -> String {
        let mode = isOutside ? " TargetMode=\"External\"" : ""
        return """
            <Relationship Id="\(id)" Type="\(office)/relationships/\(type)" \
            Target="\(Markup.escape(target))"\(mode)/>
            """
    }

    static let settings =
        "<w:settings xmlns:w=\"\(main)\"><w:defaultTabStop w:val=\"720\"/></w:settings>"

    static func properties(_ title: String, _ author: String, _ modified: Int64) -> String {
        let moment = CivilTime(modified / 1_000).rfc3339
        return """
            <cp:coreProperties xmlns:cp="\(package)/metadata/core-properties" \
            xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:dcterms="http://purl.org/dc/terms/" \
            xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">\
            <dc:title>\(Markup.escape(title))</dc:title>\
            <dc:creator>\(Markup.escape(author))</dc:creator>\
            <dcterms:created xsi:type="dcterms:W3CDTF">\(moment)</dcterms:created>\
            <dcterms:modified xsi:type="dcterms:W3CDTF">\(moment)</dcterms:modified>\
            </cp:coreProperties>
            """
    }

    // MARK: Lists

    /// One instance for each list, so that each begins with its own number; bullets and numbers are
    /// two forms, of nine levels.
    static func numbering(_ lists: [Int?]) -> String {
        let bullets = (0..<9).map { level in
            self.level(level, "bullet", ["•", "◦", "▪"][level % 3])
        }
        let numbers = (0..<9).map { level in
            self.level(level, "decimal", "%\(level + 1).")
        }
        let instances = lists.enumerated().map { number, start in
            let form = start == nil ? 0 : 1
            let restart = (0..<9).map { level in
                """
                <w:lvlOverride w:ilvl="\(level)">\
                <w:startOverride w:val="\(start ?? 1)"/></w:lvlOverride>
                """
            }
            return """
                <w:num w:numId="\(number + 1)"><w:abstractNumId w:val="\(form)"/>\
                \(start == nil ? "" : restart.joined())</w:num>
                """
        }
        return """
            <w:numbering xmlns:w="\(main)">\
            <w:abstractNum w:abstractNumId="0"><w:multiLevelType w:val="hybridMultilevel"/>\
            \(bullets.joined())</w:abstractNum>\
            <w:abstractNum w:abstractNumId="1"><w:multiLevelType w:val="hybridMultilevel"/>\
            \(numbers.joined())</w:abstractNum>\(instances.joined())</w:numbering>
            """
    }

    private static func level(_ level: Int, _ format: String, _ text: String) -> String {
        """
        <w:lvl w:ilvl="\(level)"><w:start w:val="1"/><w:numFmt w:val="\(format)"/>\
        <w:lvlText w:val="\(text)"/><w:lvlJc w:val="left"/>\
        <w:pPr><w:ind w:left="\((level + 1) * 720)" w:hanging="360"/></w:pPr></w:lvl>
        """
    }

    // MARK: Styles

    static func styles(_ style: DocumentStyle) -> String {
        let headings = (1...6).map { level in
            """
            <w:style w:type="paragraph" w:styleId="Heading\(level)">\
            <w:name w:val="heading \(level)"/><w:basedOn w:val="Normal"/><w:next w:val="Normal"/>\
            <w:qFormat/><w:pPr><w:keepNext/><w:spacing w:before="\(level == 1 ? 360 : 240)" \
            w:after="80"/><w:outlineLvl w:val="\(level - 1)"/></w:pPr>\
            <w:rPr>\(font(style.headingFont))<w:b/><w:color w:val="\(style.headingColor)"/>\
            <w:sz w:val="\(half(style.headingSize(level)))"/></w:rPr></w:style>
            """
        }
        let list = "<w:spacing w:after=\"60\"/><w:contextualSpacing/>"
        let border =
            "w:val=\"single\" w:sz=\"4\" w:space=\"0\" w:color=\"\(style.borderColor)\""
        let sides = ["top", "left", "bottom", "right", "insideH", "insideV"]
            .map { "<w:\($0) \(border)/>" }
        return """
            <w:styles xmlns:w="\(main)"><w:docDefaults><w:rPrDefault><w:rPr>\
            \(font(style.bodyFont))<w:sz w:val="\(half(style.bodySize))"/></w:rPr></w:rPrDefault>\
            <w:pPrDefault><w:pPr><w:spacing w:after="140" w:line="276" w:lineRule="auto"/></w:pPr>\
            </w:pPrDefault></w:docDefaults>\
            <w:style w:type="paragraph" w:default="1" w:styleId="Normal">\
            <w:name w:val="Normal"/><w:qFormat/></w:style>\
            <w:style w:type="character" w:default="1" w:styleId="DefaultParagraphFont">\
            <w:name w:val="Default Paragraph Font"/></w:style>\
            \(headings.joined())\
            \(paragraph("ListBullet", "List Bullet", list))\
            \(paragraph("ListNumber", "List Number", list))\
            \(paragraph("Quote", "Quote", """
            <w:pBdr><w:left w:val="single" w:sz="12" w:space="8" \
            w:color="\(style.borderColor)"/></w:pBdr><w:ind w:left="360"/>
            """, """
            <w:i/><w:color w:val="\(style.quietColor)"/>
            """))\
            \(paragraph("Code", "Code", """
            <w:shd w:val="clear" w:color="auto" w:fill="\(style.codeBackground)"/>\
            <w:spacing w:after="140" w:line="240" w:lineRule="auto"/>
            """, code(style)))\
            \(paragraph("Rule", "Rule", """
            <w:pBdr><w:bottom w:val="single" w:sz="6" w:space="1" \
            w:color="\(style.borderColor)"/></w:pBdr>
            """))\
            <w:style w:type="character" w:styleId="CodeText"><w:name w:val="Code Text"/>\
            <w:rPr>\(code(style))</w:rPr></w:style>\
            <w:style w:type="character" w:styleId="Hyperlink"><w:name w:val="Hyperlink"/>\
            <w:rPr><w:color w:val="\(style.linkColor)"/><w:u w:val="single"/></w:rPr></w:style>\
            <w:style w:type="table" w:default="1" w:styleId="TableNormal">\
            <w:name w:val="Normal Table"/></w:style>\
            <w:style w:type="table" w:styleId="TableGrid"><w:name w:val="Table Grid"/>\
            <w:basedOn w:val="TableNormal"/><w:tblPr><w:tblBorders>\(sides.joined())\
            </w:tblBorders><w:tblCellMar><w:left w:w="108" w:type="dxa"/>\
            <w:right w:w="108" w:type="dxa"/></w:tblCellMar></w:tblPr></w:style></w:styles>
            """
    }

    private static func paragraph(
        _ id: String, _ name: String, _ properties: String, _ run: String = ""
    ) -> String {
        let look = run.isEmpty ? "" : "<w:rPr>\(run)</w:rPr>"
        return """
            <w:style w:type="paragraph" w:styleId="\(id)"><w:name w:val="\(name)"/>\
            <w:basedOn w:val="Normal"/><w:qFormat/><w:pPr>\(properties)</w:pPr>\(look)</w:style>
            """
    }

    private static func code(_ style: DocumentStyle) -> String {
        "\(font(style.codeFont))<w:sz w:val=\"\(half(style.codeSize))\"/>"
    }

    private static func font(_ name: String) -> String {
        let name = Markup.escape(name)
        return "<w:rFonts w:ascii=\"\(name)\" w:hAnsi=\"\(name)\" w:cs=\"\(name)\"/>"
    }

    /// Word counts in half points.
    private static func half(_ points: Double) -> Int { Int((points * 2).rounded()) }
}
