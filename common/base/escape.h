// Text made safe for where it goes.
#pragma once

#include <string>
#include <string_view>

namespace mirrorway::base {

// For element content and quoted attribute values of XML 1.0 and of HTML: & < > " ' become
// character references; what XML cannot hold at all (control characters but tab, LF and CR, U+FFFE,
// U+FFFF, bytes that are no UTF-8) becomes U+FFFD.
std::string xml_escaped(std::string_view text);
void append_xml_escaped(std::string_view text, std::string& out);

// For the inside of an XML comment, which knows no escapes: "--" and a '-' at the end are taken
// apart by blanks; otherwise as above, without the references.
std::string xml_comment(std::string_view text);

}  // namespace mirrorway::base
