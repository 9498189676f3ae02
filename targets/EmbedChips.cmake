# cmake -DOUTPUT=... -DCHIPS="a.yaml;b.yaml" -P EmbedChips.cmake
# Writes the chip files as string literals, so that their names work wherever
# the program is installed.
set(TEXT "// Generated from targets/chips/ by EmbedChips.cmake.\n")
string(APPEND TEXT "#include \"targets/ChipSpecYaml.h\"\n\n")
set(TABLE "")
foreach(CHIP IN LISTS CHIPS)
  get_filename_component(NAME ${CHIP} NAME_WE)
  file(READ ${CHIP} YAML)
  string(APPEND TABLE "    {\"${NAME}\",\n     R\"chip(${YAML})chip\"},\n")
endforeach()
string(APPEND TEXT "static constexpr synfire::BuiltInChip Chips[] = {\n${TABLE}};\n\n")
string(APPEND TEXT "std::span<const synfire::BuiltInChip> synfire::builtInChips() {\n  return Chips;\n}\n")
file(WRITE ${OUTPUT} "${TEXT}")
