# foreword_join_sources(DIRECTORY): lets neighbouring files of a target be compiled together, as
# unity_groups.py chooses, in all targets of a directory and of those below it. Most of what one of
# our files costs is the headers that it includes and the templates that it instantiates, and its
# neighbours pay for the same.
#
# Files with options of their own stay alone. Release and dev compile every file by itself.
find_package(Python3 3.11 REQUIRED COMPONENTS Interpreter)

function(foreword_join_sources directory)
  set(list_file ${CMAKE_BINARY_DIR}/unity_sources.txt)
  set(groups_file ${CMAKE_BINARY_DIR}/unity_groups.cmake)
  file(WRITE ${list_file} "")
  foreword_list_sources(${directory} ${list_file})
  execute_process(
    COMMAND ${Python3_EXECUTABLE} -B ${CMAKE_SOURCE_DIR}/tools/cmake/unity_groups.py
            ${CMAKE_SOURCE_DIR} ${list_file}
    OUTPUT_FILE ${groups_file} COMMAND_ERROR_IS_FATAL ANY)
  include(${groups_file})
endfunction()

# Appends "TARGET FILE" to the list for each.
function(foreword_list_sources directory list_file)
  get_property(targets DIRECTORY ${directory} PROPERTY BUILDSYSTEM_TARGETS)
  foreach(target IN LISTS targets)
    get_target_property(type ${target} TYPE)
    if(type MATCHES "^(STATIC_LIBRARY|EXECUTABLE)$")
      get_target_property(sources ${target} SOURCES)
      get_target_property(source_dir ${target} SOURCE_DIR)
      foreach(source IN LISTS sources)
        foreword_stays_alone(${source} ${target} alone)
        if(NOT alone)
          cmake_path(ABSOLUTE_PATH source BASE_DIRECTORY ${source_dir})
          file(APPEND ${list_file} "${target} ${source}\n")
        endif()
      endforeach()
    endif()
  endforeach()
  get_property(below DIRECTORY ${directory} PROPERTY SUBDIRECTORIES)
  foreach(subdirectory IN LISTS below)
    foreword_list_sources(${subdirectory} ${list_file})
  endforeach()
endfunction()

function(foreword_stays_alone source target result)
  set(alone FALSE)
  foreach(property GENERATED COMPILE_OPTIONS SKIP_UNITY_BUILD_INCLUSION SKIP_PRECOMPILE_HEADERS)
    get_source_file_property(value ${source} TARGET_DIRECTORY ${target} ${property})
    if(value)
      set(alone TRUE)
    endif()
  endforeach()
  if(NOT source MATCHES "\\.cc$")
    set(alone TRUE)
  endif()
  set(${result} ${alone} PARENT_SCOPE)
endfunction()
