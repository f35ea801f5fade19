// XML and HTML read by libxml2, to see what others will make of what we write.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace mirrorway::tests {

struct Element {
  std::string name;                               // as written: "mm0:timestamp"
  std::string name_space;                         // its URI
  std::map<std::string, std::string> attributes;  // by the name as written
  std::string text;                               // of this element alone, all its pieces
  std::vector<Element> children;

  // Null when there is none.
  const Element* child(std::string_view child_name) const;
  // Everything of this name below, in the document's order.
  std::vector<const Element*> all(std::string_view descendant_name) const;
  // "" when there is none.
  std::string attribute(const std::string& attribute_name) const;
};

// nullopt unless well-formed, namespaces included.
std::optional<Element> parse_xml(std::string_view text);

struct HtmlDocument {
  Element root;
  std::vector<std::string> errors;  // of syntax; libxml2's ignorance of HTML 5 is none
};

HtmlDocument parse_html(std::string_view text);

}  // namespace mirrorway::tests
