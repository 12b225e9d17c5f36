#include "cache/price_imports.h"

#include <optional>
#include <string>
#include <utility>

#include "cache/keys.h"
#include "cache/record_fields.h"
#include "records.pb.h"

namespace foreword::cache {
namespace {

using config::Error;
using config::PriceImport;
using config::Result;

std::string encode(const PriceImport& import) {
  records::PriceImport record;
  record.set_file(import.file);
  record.set_imported_us(to_stored_time(import.imported));
  if (import.from) record.set_from_us(to_stored_time(*import.from));
  record.set_offers_json(config::offers_json(import.offers));
  return record.SerializeAsString();
}

Result<PriceImport> decode(std::string_view value) {
  records::PriceImport record;
  if (!parse(value, record)) return Error{"it is damaged"};
  if (!is_stored_time(record.imported_us()) || !is_stored_time(record.from_us())) {
    return Error{"it has an impossible time"};
  }
  PriceImport import;
  import.file = record.file();
  import.imported = from_stored_time(record.imported_us());
  if (record.has_from_us()) import.from = from_stored_time(record.from_us());
  auto offers = config::parse_offers(record.offers_json());
  if (!offers) return offers.error();
  import.offers = std::move(*offers);
  return import;
}

}  // namespace

Result<void> put_price_import(Store& store, const PriceImport& import) {
  std::uint64_t last = 0;
  const auto scanned = store.scan_backwards(Family::meta, price_import_key(0), price_imports_end(),
                                            [&](std::string_view key, auto) {
                                              last = price_import_number(key);
                                              return false;
                                            });
  if (!scanned) return scanned;
  const Write entry{Family::meta, price_import_key(last + 1), encode(import)};
  return store.write({&entry, 1}, Durability::synced);
}

Result<std::vector<PriceImport>> list_price_imports(const Store& store) {
  std::vector<PriceImport> imports;
  std::optional<Error> failed;
  const auto scanned =
      store.scan(Family::meta, price_import_key(0), price_imports_end(),
                 [&](std::string_view key, std::string_view value) {
                   auto import = decode(value);
                   if (import) {
                     imports.push_back(std::move(*import));
                   } else {
                     failed = Error{"price import " + std::to_string(price_import_number(key)) +
                                    " cannot be read from the store: " + import.error().message +
                                    "; restore the store, or use the foreword that wrote it"};
                   }
                   return !failed;
                 });
  if (!scanned) return scanned.error();
  if (failed) return *failed;
  return imports;
}

}  // namespace foreword::cache
