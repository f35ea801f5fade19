#include "common/geo/check.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <functional>
#include <optional>

#include "common/base/error.h"
#include "common/base/text.h"

namespace mirrorway::geo {
namespace {

using base::Error;

constexpr std::string_view kMarker = "\xAB\xCD\xEFMaxMind.com";
// The format promises that the metadata starts in here; libmaxminddb looks no further.
constexpr std::size_t kMaxMetadataBytes = 128 << 10;
// Zero bytes between the tree and the data.
constexpr std::size_t kSeparatorBytes = 16;
// Real files nest 4 deep.
constexpr unsigned kMaxDepth = 64;

std::uint64_t big_endian(std::string_view bytes) {
  std::uint64_t value = 0;
  for (const char c : bytes) value = value << 8U | static_cast<unsigned char>(c);
  return value;
}

// The start of a value: its control byte and what belongs to it.
struct Head {
  MmdbType type;
  std::uint64_t size;  // of a container its entries, of a pointer where it points to
  std::size_t payload;
};

// The values of one section of the file. Offsets count from the section's start, as pointers do.
class Section {
 public:
  // Called with the name and the value (no pointer) of each top-level field of a record.
  using OnField = std::function<void(std::string_view name, const Head& value)>;

  Section(std::string_view name, std::string_view bytes)
      : name_(name), bytes_(bytes), visits_(bytes.size()) {}

  // The record at `offset` and all that hangs on it. Each value is visited once, however many
  // pointers lead there.
  void check_record(std::uint64_t offset, const OnField& on_field) {
    if (offset < visits_.size() && (visits_[offset] & kIsRecord) != 0) return;
    check_target(offset, 1);
    visits_[offset] |= kIsRecord;
    const Head head = resolved(read_head(offset));
    if (head.type != MmdbType::kMap) return;
    std::size_t next = head.payload;
    for (std::uint64_t i = 0; i < head.size; ++i) {
      const Head key = resolved(read_head(next));
      const std::size_t value = skip(next);
      next = skip(value);
      on_field(payload(key), resolved(read_head(value)));
    }
  }

  std::string_view payload(const Head& head) const { return slice(head.payload, head.size); }

 private:
  // What check_value found: where the next value starts, and how deep the nesting is in this one.
  struct Extent {
    std::size_t next;
    unsigned height;
  };

  std::string_view slice(std::size_t offset, std::uint64_t length) const {
    if (offset > bytes_.size() || length > bytes_.size() - offset)
      throw Error("{} section: a value at offset {} goes past the end", name_, offset);
    return bytes_.substr(offset, static_cast<std::size_t>(length));
  }

  Head read_head(std::uint64_t at) const {
    if (at >= bytes_.size())
      throw Error("{} section: offset {} is past its {} bytes", name_, at, bytes_.size());
    auto offset = static_cast<std::size_t>(at);
    const auto control = static_cast<unsigned char>(bytes_[offset++]);
    unsigned type = control >> 5U;
    if (type == static_cast<unsigned>(MmdbType::kPointer)) return read_pointer(control, offset);
    if (type == 0) {
      constexpr unsigned kFirstExtended = 8;
      type = kFirstExtended - 1 + static_cast<unsigned char>(slice(offset++, 1)[0]);
      if (type < kFirstExtended || type > static_cast<unsigned>(MmdbType::kFloat) || type == 12 ||
          type == 13)
        throw Error("{} section: unknown type {} at offset {}", name_, type, at);
    }
    constexpr std::uint64_t kLongSizes = 29;
    constexpr std::array<std::uint64_t, 3> kLongSizeBases{29, 285, 65821};
    std::uint64_t size = control & 0x1FU;
    if (size >= kLongSizes) {
      const auto extra = static_cast<std::size_t>(size - kLongSizes);
      size = kLongSizeBases[extra] + big_endian(slice(offset, extra + 1));
      offset += extra + 1;
    }
    return {static_cast<MmdbType>(type), size, offset};
  }

  Head read_pointer(unsigned char control, std::size_t offset) const {
    constexpr std::array<std::uint64_t, 4> kBases{0, 2048, 526336, 0};
    const std::size_t form = control >> 3U & 3U;
    const std::uint64_t high = form == 3 ? 0 : control & 7U;
    const std::uint64_t low = big_endian(slice(offset, form + 1));
    return {MmdbType::kPointer, (high << (8 * (form + 1))) + low + kBases[form], offset + form + 1};
  }

  void check_length(const Head& head) const {
    const auto need = [&](bool is_right) {
      if (!is_right)
        throw Error("{} section: a value of type {} before offset {} has a length of {}", name_,
                    static_cast<unsigned>(head.type), head.payload, head.size);
    };
    switch (head.type) {
      case MmdbType::kDouble:
        return need(head.size == 8);
      case MmdbType::kFloat:
        return need(head.size == 4);
      case MmdbType::kUint16:
        return need(head.size <= 2);
      case MmdbType::kUint32:
      case MmdbType::kInt32:
        return need(head.size <= 4);
      case MmdbType::kUint64:
        return need(head.size <= 8);
      case MmdbType::kUint128:
        return need(head.size <= 16);
      case MmdbType::kBoolean:
        return need(head.size <= 1);
      default:
        return;
    }
  }

  // What a record or a pointer leads to. Returns its height.
  unsigned check_target(std::uint64_t offset, unsigned depth) {
    const unsigned known = offset < visits_.size() ? visits_[offset] & kHeight : 0;
    if (depth + known > kMaxDepth) throw_too_deep(offset);
    if (known != 0) return known;
    const unsigned height = check_value(offset, depth).height;
    visits_[offset] = static_cast<std::uint8_t>(height);  // at most kMaxDepth
    return height;
  }

  Extent check_value(std::uint64_t offset, unsigned depth) {
    if (depth > kMaxDepth) throw_too_deep(offset);
    // Values can overlap, so that without this a small file could ask for endless work.
    if (++checked_ > 4 * bytes_.size() + 1)
      throw Error("{} section: its values overlap each other", name_);
    const Head head = read_head(offset);
    Extent extent{head.payload, 1};
    switch (head.type) {
      case MmdbType::kPointer:
        if (read_head(head.size).type == MmdbType::kPointer)
          throw Error("{} section: the pointer at offset {} leads to a pointer", name_, offset);
        extent.height += check_target(head.size, depth + 1);
        return extent;
      case MmdbType::kMap:
        for (std::uint64_t i = 0; i < head.size; ++i) {
          check_name(extent.next);
          extend(extent, depth);
          extend(extent, depth);
        }
        return extent;
      case MmdbType::kArray:
        for (std::uint64_t i = 0; i < head.size; ++i) extend(extent, depth);
        return extent;
      default:
        check_length(head);
        extent.next += head.type == MmdbType::kBoolean ? 0 : payload(head).size();
        return extent;
    }
  }

  // Checks the value that starts where `extent` ends, one level below `depth`, and takes it in.
  void extend(Extent& extent, unsigned depth) {
    const Extent inner = check_value(extent.next, depth + 1);
    extent = {inner.next, std::max(extent.height, inner.height + 1)};
  }

  void check_name(std::uint64_t offset) const {
    const Head name = resolved(read_head(offset));
    if (name.type != MmdbType::kString || !base::is_utf8(payload(name)))
      throw Error("{} section: the name of a field at offset {} is no UTF-8 text", name_, offset);
  }

  // Where the value after the one at `offset` starts; only for values that were checked.
  std::size_t skip(std::uint64_t offset) const {
    const Head head = read_head(offset);
    if (head.type == MmdbType::kPointer || head.type == MmdbType::kBoolean) return head.payload;
    const bool is_map = head.type == MmdbType::kMap;
    if (!is_map && head.type != MmdbType::kArray) return head.payload + payload(head).size();
    std::size_t next = head.payload;
    for (std::uint64_t i = 0; i < (is_map ? 2 : 1) * head.size; ++i) next = skip(next);
    return next;
  }

  Head resolved(const Head& head) const {
    return head.type == MmdbType::kPointer ? read_head(head.size) : head;
  }

  [[noreturn]] void throw_too_deep(std::uint64_t offset) const {
    throw Error("{} section: more than {} levels deep, or in a circle, at offset {}", name_,
                kMaxDepth, offset);
  }

  std::string_view name_;
  std::string_view bytes_;
  // For the values that records and pointers lead to: their height, 0 when not checked yet.
  static constexpr std::uint8_t kHeight = 0x7F;
  static constexpr std::uint8_t kIsRecord = 0x80;
  std::vector<std::uint8_t> visits_;
  std::uint64_t checked_ = 0;
};

MmdbFacts read_metadata(std::string_view bytes) {
  struct Wanted {
    std::string_view name;
    std::uint64_t max;
    std::optional<std::uint64_t> value;
  };
  std::array<Wanted, 4> wanted{{{"node_count", UINT32_MAX, {}},
                                {"record_size", 32, {}},
                                {"ip_version", 6, {}},
                                {"build_epoch", UINT64_MAX, {}}}};
  Section section("metadata", bytes);
  section.check_record(0, [&](std::string_view name, const Head& value) {
    for (Wanted& item : wanted) {
      if (item.name != name) continue;
      if (value.type != MmdbType::kUint16 && value.type != MmdbType::kUint32 &&
          value.type != MmdbType::kUint64)
        throw Error("metadata section: {} is no number", name);
      item.value = big_endian(section.payload(value));
    }
  });
  for (const Wanted& item : wanted)
    if (!item.value || *item.value > item.max)
      throw Error("metadata section: {} is missing or too large", item.name);
  MmdbFacts facts;
  facts.node_count = static_cast<std::uint32_t>(*wanted[0].value);
  facts.record_bits = static_cast<std::uint32_t>(*wanted[1].value);
  facts.ip_version = static_cast<std::uint32_t>(*wanted[2].value);
  facts.build_epoch = *wanted[3].value;
  if (facts.node_count == 0) throw Error("metadata section: the search tree is empty");
  if (facts.record_bits != 24 && facts.record_bits != 28 && facts.record_bits != 32)
    throw Error("metadata section: record_size {} is none of 24, 28 and 32", facts.record_bits);
  if (facts.ip_version != 4 && facts.ip_version != 6)
    throw Error("metadata section: ip_version {} is neither 4 nor 6", facts.ip_version);
  return facts;
}

// The binary search tree over the bits of addresses, and the records at its leaves.
class Tree {
 public:
  // `bytes` holds node_count nodes.
  Tree(std::string_view bytes, const MmdbFacts& facts)
      : bytes_(bytes),
        node_bytes_(facts.record_bits / 4),
        node_count_(facts.node_count),
        depth_(facts.ip_version == 6 ? 128 : 32),
        heights_(facts.node_count) {}

  // Depth first, each node once. Subtrees may be shared (IPv4 in several places of an IPv6 tree).
  // A path longer than an address, or a circle, is refused. Calls on_record with each record's
  // offset in the data section.
  void check(const std::function<void(std::uint64_t)>& on_record) {
    std::vector<Step> path{{0}};
    while (!path.empty()) {
      Step& step = path.back();
      if (step.sides_done == 2) {
        note_height(path);
        path.pop_back();
        continue;
      }
      const std::uint64_t record = read_record(step.node, step.sides_done++);
      if (record < node_count_) {
        descend(path, static_cast<std::uint32_t>(record));
      } else if (record > node_count_) {
        if (record < node_count_ + kSeparatorBytes)
          throw Error("search tree: node {} leads into the separator", step.node);
        on_record(record - node_count_ - kSeparatorBytes);
      }
    }
  }

 private:
  struct Step {
    std::uint32_t node;
    unsigned sides_done = 0;
    unsigned height = 1;  // longest path below, in nodes, so far
  };

  void descend(std::vector<Step>& path, std::uint32_t node) {
    const unsigned known = heights_[node];
    if (path.size() + std::max(known, 1U) > depth_)
      throw Error("search tree: node {} is deeper than an address has bits", node);
    if (known != 0)
      path.back().height = std::max(path.back().height, known + 1);
    else
      path.push_back({node});
  }

  void note_height(std::vector<Step>& path) {
    const Step& done = path.back();
    heights_[done.node] = static_cast<std::uint8_t>(done.height);  // at most 128
    if (path.size() < 2) return;
    Step& parent = path[path.size() - 2];
    parent.height = std::max(parent.height, done.height + 1);
  }

  // side 0 is left. Records of 28 bits share the middle byte: its high half belongs to the left.
  std::uint64_t read_record(std::uint32_t node, unsigned side) const {
    const char* const bytes = bytes_.data() + std::size_t{node} * node_bytes_;
    const auto byte = [bytes](std::size_t i) {
      return std::uint64_t{static_cast<unsigned char>(bytes[i])};
    };
    const std::size_t whole_bytes = node_bytes_ / 2;
    const std::size_t start = side == 0 ? 0 : node_bytes_ - whole_bytes;
    std::uint64_t record = byte(start) << 16U | byte(start + 1) << 8U | byte(start + 2);
    if (whole_bytes == 4) return record << 8U | byte(start + 3);
    if (node_bytes_ % 2 == 0) return record;
    return (side == 0 ? byte(3) >> 4U : byte(3) & 0xFU) << 24U | record;
  }

  std::string_view bytes_;
  std::size_t node_bytes_;
  std::uint64_t node_count_;
  std::size_t depth_;
  // Longest path from the node down, in nodes; 0: not visited.
  std::vector<std::uint8_t> heights_;
};

}  // namespace

MmdbFacts check_mmdb(std::string_view bytes, std::span<const std::string_view> field_names) {
  const std::string_view tail =
      bytes.substr(bytes.size() - std::min(bytes.size(), kMaxMetadataBytes));
  const std::size_t marker = tail.rfind(kMarker);
  if (marker == std::string_view::npos) throw Error("no MaxMind DB file (it has no metadata)");
  MmdbFacts facts = read_metadata(tail.substr(marker + kMarker.size()));
  facts.field_types.resize(field_names.size());

  const std::uint64_t tree_bytes = std::uint64_t{facts.node_count} * (facts.record_bits / 4);
  const std::string_view front = bytes.substr(0, bytes.size() - tail.size() + marker);
  if (tree_bytes + kSeparatorBytes > front.size())
    throw Error("search tree: {} nodes do not fit into {} bytes; is the file cut off?",
                facts.node_count, bytes.size());
  const auto data_start = static_cast<std::size_t>(tree_bytes) + kSeparatorBytes;
  Section data("data", front.substr(data_start));
  const Section::OnField note_field = [&](std::string_view name, const Head& value) {
    const auto found = std::find(field_names.begin(), field_names.end(), name);
    if (found != field_names.end())
      facts.field_types[static_cast<std::size_t>(found - field_names.begin())] |=
          1U << static_cast<unsigned>(value.type);
  };
  Tree tree(front.substr(0, static_cast<std::size_t>(tree_bytes)), facts);
  tree.check([&](std::uint64_t offset) { data.check_record(offset, note_field); });
  return facts;
}

}  // namespace mirrorway::geo
