#include "tests/support/xml.h"

#include <libxml/HTMLparser.h>
#include <libxml/parser.h>
#include <libxml/tree.h>
#include <libxml/xmlerror.h>

#include <memory>
#include <type_traits>

namespace mirrorway::tests {
namespace {

struct FreeDocument {
  void operator()(xmlDoc* document) const { xmlFreeDoc(document); }
};
using DocumentPtr = std::unique_ptr<xmlDoc, FreeDocument>;

std::string to_string(const xmlChar* text) {
  return text == nullptr ? std::string() : reinterpret_cast<const char*>(text);
}

std::string full_name(const xmlNs* name_space, const xmlChar* local) {
  const std::string prefix = name_space == nullptr ? "" : to_string(name_space->prefix);
  return prefix.empty() ? to_string(local) : prefix + ":" + to_string(local);
}

std::string content(const xmlNode* node) {
  xmlChar* const raw = xmlNodeGetContent(node);
  std::string text = to_string(raw);
  xmlFree(raw);
  return text;
}

Element convert(const xmlNode* node) {
  Element element;
  element.name = full_name(node->ns, node->name);
  if (node->ns != nullptr) element.name_space = to_string(node->ns->href);
  for (const xmlAttr* attribute = node->properties; attribute != nullptr;
       attribute = attribute->next)
    element.attributes[full_name(attribute->ns, attribute->name)] =
        content(reinterpret_cast<const xmlNode*>(attribute));
  for (const xmlNode* child = node->children; child != nullptr; child = child->next) {
    if (child->type == XML_ELEMENT_NODE) {
      element.children.push_back(convert(child));
    } else if (child->type == XML_TEXT_NODE || child->type == XML_CDATA_SECTION_NODE ||
               child->type == XML_ENTITY_REF_NODE) {
      element.text += content(child);
    }
  }
  return element;
}

void collect(const Element& element, std::string_view name, std::vector<const Element*>& found) {
  for (const Element& child : element.children) {
    if (child.name == name) found.push_back(&child);
    collect(child, name, found);
  }
}

// libxml2 stopped at HTML 4, which has neither <nav> nor <main>.
void keep_error(void* errors, xmlErrorPtr error) {
  if (error->code == XML_HTML_UNKNOWN_TAG) return;
  static_cast<std::vector<std::string>*>(errors)->push_back("line " + std::to_string(error->line) +
                                                            ": " + error->message);
}

}  // namespace

const Element* Element::child(std::string_view child_name) const {
  for (const Element& candidate : children)
    if (candidate.name == child_name) return &candidate;
  return nullptr;
}

std::vector<const Element*> Element::all(std::string_view descendant_name) const {
  std::vector<const Element*> found;
  collect(*this, descendant_name, found);
  return found;
}

std::string Element::attribute(const std::string& attribute_name) const {
  const auto found = attributes.find(attribute_name);
  return found == attributes.end() ? std::string() : found->second;
}

std::optional<Element> parse_xml(std::string_view text) {
  std::vector<std::string> errors;
  xmlSetStructuredErrorFunc(&errors, keep_error);
  const DocumentPtr document(
      xmlReadMemory(text.data(), static_cast<int>(text.size()), nullptr, nullptr, XML_PARSE_NONET));
  xmlSetStructuredErrorFunc(nullptr, nullptr);
  if (document == nullptr || !errors.empty()) return std::nullopt;
  return convert(xmlDocGetRootElement(document.get()));
}

HtmlDocument parse_html(std::string_view text) {
  HtmlDocument result;
  xmlSetStructuredErrorFunc(&result.errors, keep_error);
  const DocumentPtr document(htmlReadMemory(text.data(), static_cast<int>(text.size()), nullptr,
                                            "utf-8", HTML_PARSE_NONET));
  xmlSetStructuredErrorFunc(nullptr, nullptr);
  if (document != nullptr) result.root = convert(xmlDocGetRootElement(document.get()));
  return result;
}

}  // namespace mirrorway::tests
