# Everything that is not ours, by the name its users link it under. All of it is packaged in Debian 12.

find_package(PkgConfig REQUIRED)
find_package(Threads REQUIRED)

find_package(CLI11 REQUIRED)
find_package(OpenSSL REQUIRED COMPONENTS Crypto)
find_package(Protobuf REQUIRED)
find_package(fmt REQUIRED)
find_package(nlohmann_json REQUIRED)
find_package(spdlog REQUIRED)
find_package(tl-expected REQUIRED)
find_package(tomlplusplus REQUIRED)

pkg_check_modules(LibAv REQUIRED IMPORTED_TARGET libavformat libavcodec libavutil)
# The flavour that libavformat is linked with: two of them in one process would share their symbols.
pkg_check_modules(Srt REQUIRED IMPORTED_TARGET srt)
pkg_check_modules(UsrSctp REQUIRED IMPORTED_TARGET usrsctp)
pkg_check_modules(GStreamer REQUIRED IMPORTED_TARGET gstreamer-1.0 gstreamer-app-1.0 gstreamer-video-1.0)
# libsctp-dev ships no description of itself.
find_library(SCTP_LIBRARY sctp REQUIRED)

# Stand-alone asio is headers only and has no config file of its own.
add_library(mayfly_asio INTERFACE)
target_compile_definitions(mayfly_asio INTERFACE ASIO_STANDALONE ASIO_NO_DEPRECATED)
target_link_libraries(mayfly_asio INTERFACE Threads::Threads)
add_library(mayfly::asio ALIAS mayfly_asio)
add_library(mayfly::asio_guest ALIAS mayfly_asio)

if(MAYFLY_TESTS)
  find_package(GTest REQUIRED)
  find_package(benchmark REQUIRED)
  find_package(rapidcheck REQUIRED)
endif()
